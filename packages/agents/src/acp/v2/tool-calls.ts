import { type Raw, readObject, readObjects, readOneOf, readText, readWithin } from '../../map/read.js';
import { mapDiff } from './diffs.js';
import { forgetOldest, idOf, notice, present, type Update } from './wire.js';

/** The tool calls of an agent. */
export interface ToolCalls {
  /** A `tool_call_update`, or the call of a request for permission. What else comes of it follows it. */
  update(update: Update): [call: Update, ...more: Update[]];
  /** A `tool_call_content_chunk`. */
  chunk(update: Update): Update[];
  /** What a call is called. */
  titleOf(toolCallId: unknown): string;
  /** Whether it is known what the call was given. */
  hasInput(toolCallId: unknown): boolean;
}

interface Call {
  title: string;
  status: unknown;
  hasInput: boolean;
  /** Of version 1, which has no pieces of it: all of it is given each time. */
  content: Raw[];
  /** The paths of diffs that are told in words. */
  paths: readonly Raw[];
  locations: Raw[];
  /** The characters of the content, or more than are kept. */
  size: number;
  isToldFull: boolean;
}

const KINDS = [
  'read',
  'edit',
  'delete',
  'move',
  'search',
  'execute',
  'think',
  'fetch',
  'switch_mode',
  'other',
] as const;
const STATUSES = ['pending', 'in_progress', 'completed', 'failed'] as const;
/** What stands in version 1 for the statuses that it does not have. */
const STATUSES_IN_WORDS: Readonly<Record<string, string>> = { paused: 'in_progress', cancelled: 'failed' };
/** So many calls are known, and so many characters of the content of one are kept until its end. */
const MAX_CALLS = 64;
const MAX_CONTENT = 262_144;
/** So many characters of its paths as JSON. */
const MAX_PATHS = 65_536;

/** Creates it. `refers` is told of each terminal that a call shows, and gives what is known of it. */
export function createToolCalls(refers: (terminalId: string, toolCallId: string) => Update[]): ToolCalls {
  const calls = new Map<string, Call>();

  const callOf = (id: unknown): Call => {
    const key = idOf(id);
    const call = calls.get(key) ?? {
      ...{ title: key, status: undefined, hasInput: false, content: [], paths: [], locations: [] },
      ...{ size: 0, isToldFull: false },
    };
    calls.set(key, call);
    forgetOldest(calls, MAX_CALLS);
    return call;
  };

  const referred = (content: readonly Raw[], toolCallId: unknown) =>
    content.flatMap((entry) =>
      entry.type === 'terminal' ? refers(readText(entry.terminalId) ?? '', readText(toolCallId) ?? '') : [],
    );
  const locationsOf = ({ locations, paths }: Call) => [...locations, ...paths];

  return {
    update(update) {
      const {
        toolCallId,
        title,
        kind,
        status,
        content,
        locations,
        rawInput,
        capabilities: _controls,
        ...rest
      } = update;
      const call = callOf(toolCallId);
      call.title = readText(title, 256) || call.title;
      call.hasInput ||= rawInput !== undefined && rawInput !== null;
      // `null` takes a value back.
      const told = status === undefined ? undefined : (readText(status, 64) ?? 'pending');
      const known = told === undefined ? undefined : (readOneOf(told, STATUSES) ?? STATUSES_IN_WORDS[told]);
      const isNews = told !== undefined && told !== call.status && readOneOf(told, STATUSES) === undefined;
      if (told !== undefined) call.status = told;
      if (content !== undefined) {
        const mapped = mapContent(content);
        call.content = mapped.content;
        call.paths = readWithin(mapped.paths, MAX_PATHS);
        call.size = JSON.stringify(mapped.content).length;
      }
      if (locations !== undefined) call.locations = readWithin(readObjects(locations, 1_024), MAX_PATHS);
      const mapped = present({
        ...rest,
        toolCallId,
        title: title === null ? call.title : title,
        kind: kind === undefined ? undefined : (readOneOf(kind, KINDS) ?? 'other'),
        status: known,
        content: content === undefined ? undefined : call.content,
        locations: locations === undefined && call.paths.length === 0 ? undefined : locationsOf(call),
        rawInput,
      });
      const shown = content === undefined ? [] : referred(call.content, toolCallId);
      // Too much is not kept, and has no pieces added to it.
      if (known === 'completed' || known === 'failed' || call.size > MAX_CONTENT) call.content = [];
      const news = isNews ? [notice('info', `The tool call "${call.title}" is ${told}.`)] : [];
      return [{ ...mapped, sessionUpdate: 'tool_call_update' }, ...shown, ...news];
    },
    chunk({ toolCallId, content: piece, _meta }) {
      const call = callOf(toolCallId);
      const { content, paths } = mapContent([piece]);
      call.size += JSON.stringify(content).length;
      if (call.size > MAX_CONTENT) {
        if (call.isToldFull) return [];
        call.isToldFull = true;
        return [notice('warning', `The tool call "${call.title}" has more content than is kept.`)];
      }
      call.content = content.reduce(joined, call.content);
      call.paths = readWithin([...call.paths, ...paths], MAX_PATHS);
      const update = present({
        ...{ sessionUpdate: 'tool_call_update', toolCallId, content: call.content, _meta },
        locations: paths.length === 0 ? undefined : locationsOf(call),
      });
      return [update, ...referred(content, toolCallId)];
    },
    titleOf: (toolCallId) => calls.get(idOf(toolCallId))?.title ?? idOf(toolCallId),
    hasInput: (toolCallId) => calls.get(idOf(toolCallId))?.hasInput === true,
  };
}

function mapContent(value: unknown): { readonly content: Raw[]; readonly paths: Raw[] } {
  const mapped = readObjects(value, 1_024).map((entry) =>
    entry.type === 'diff' ? mapDiff(entry) : { content: [entry], paths: [] },
  );
  const paths = mapped.flatMap((entry) => entry.paths.map((path) => ({ path })));
  return { content: mapped.flatMap(({ content }) => content), paths };
}

/** The content with another piece. A text goes on with the text before it. */
function joined(content: readonly Raw[], piece: Raw): Raw[] {
  const last = content.at(-1);
  const [before, more] = [textOf(last), textOf(piece)];
  if (before === undefined || more === undefined) return [...content, piece];
  return [...content.slice(0, -1), { ...last, content: { ...readObject(last?.content), text: before + more } }];
}

function textOf(entry: Raw | undefined): string | undefined {
  const block = readObject(entry?.content);
  return entry?.type === 'content' && block?.type === 'text' ? readText(block.text) : undefined;
}
