import type { ToolCallContent, ToolCallItem } from '@parleyhq/client';
import { structuredPatch } from 'diff';
import type { Span, Style } from '../../terminal/fit-line.js';
import { type Fold, foldLines, linesOf, printedLinesOf } from '../../terminal/fold-lines.js';
import type { Screen } from '../../terminal/screen.js';
import { showDiffLines } from './show-diff.js';

const FOLD = { head: 5, tail: 5 };
/** How other text of a tool call is folded: more than the output of a command. */
const TEXT_FOLD = { head: 3, tail: 0 };
/** How both are folded when the user is asked. */
const ASKED_FOLD = { head: 240, tail: 60 };
const DIFF_TIMEOUT = 500;
/** The most characters of a tool's input that are shown when the user is asked about it. */
const MAX_INPUT = 4_000;

/** Shows the first line of a tool call, and leaves it open for the result. */
export function showToolCallStart(screen: Screen, { title, kind, parent_item_id }: ToolCallItem): void {
  screen.block('tool calls');
  screen.openLine([{ text: `${placeOf(parent_item_id)}▸ `, style: 'cyan' }, { text: titleOf(title, kind) }]);
}

/** Where what a sub-agent does is shown: below the call that started it. */
function placeOf(parent: string | undefined): string {
  return parent === undefined ? '' : '  ';
}

/** Shows the result of a tool call: on its line if that is still open, else on a new one. Then its content, folded. */
export function showToolCallEnd(
  screen: Screen,
  { title, kind, status, content, parent_item_id }: ToolCallItem,
  shown: { readonly onItsLine: boolean; readonly diff: boolean },
): void {
  const failed = status === 'failed';
  const style: Style = failed ? 'red' : 'green';
  const mark = `${failed ? '✗' : '✓'}${exitOf(content)}`;
  if (shown.onItsLine && screen.isOpen()) {
    screen.write(` ${mark}\n`, style);
  } else {
    screen.block('tool calls');
    screen.line([{ text: `${placeOf(parent_item_id)}${mark} `, style }, { text: titleOf(title, kind) }]);
  }
  const line = (text: string) => screen.line([{ text: `  │ ${text}`, style: 'dim' }]);
  const manner = { line, output: FOLD, text: TEXT_FOLD, whole: false };
  // The diff of a failed edit is not shown: the files do not have it.
  for (const block of content) if (block.type !== 'diff' || !(shown.diff || failed)) showContent(screen, block, manner);
}

/**
 * Shows what a tool call would do, as far as the agent says so, before the user consents to it. Lines are not cut. Returns
 * whether something is left out.
 */
export function showToolCallDetails(
  screen: Screen,
  { content, locations, raw_input }: ToolCallItem,
  { whole }: { whole: boolean },
): boolean {
  const line = (text: string) => screen.wrappedLine([{ text: `  │ ${text}`, style: 'dim' }]);
  const fold = whole ? undefined : ASKED_FOLD;
  let cut = false;
  for (const block of content) cut = showContent(screen, block, { line, output: fold, text: fold, whole }) || cut;
  if (content.some(({ type }) => type === 'diff')) return cut;
  for (const { path } of locations) line(path);
  if (raw_input === undefined) return cut;
  const input = JSON.stringify(raw_input);
  const left = whole ? 0 : input.length - MAX_INPUT;
  line(left > 0 ? `${input.slice(0, MAX_INPUT)}… ${left} more characters …` : input);
  return cut || left > 0;
}

/** How content is shown. */
interface Manner {
  line(text: string): void;
  /** How the output of a command, and other text, is folded; undefined: not at all. */
  readonly output: Fold | undefined;
  readonly text: Fold | undefined;
  /** Whether diffs are shown whole. */
  readonly whole: boolean;
}

/** Returns whether lines are left out. */
function showContent(screen: Screen, block: ToolCallContent, { line, output, text, whole }: Manner): boolean {
  switch (block.type) {
    case 'command_output':
      return showLines(line, block, output);
    case 'text':
      return showLines(line, block, text);
    case 'diff':
      return showEdit(screen, block, whole);
    case 'resource_link':
    case 'resource':
      line(block.uri);
      return false;
    case 'image':
    case 'audio':
      line(`[${block.type}]`);
      return false;
    default:
      return block satisfies never;
  }
}

function showLines(
  line: Manner['line'],
  { text, truncated_bytes: cut }: { readonly text: string; readonly truncated_bytes?: number | undefined },
  fold: Fold | undefined,
): boolean {
  const all = printedLinesOf(text);
  const shown = fold === undefined ? all : foldLines(all, fold, (count) => `… ${count} lines folded …`);
  for (const one of shown) line(one);
  if (cut !== undefined) line(`… ${cut} bytes are left out …`);
  return shown.length < all.length;
}

type Edit = Extract<ToolCallContent, { type: 'diff' }>;

function showEdit(screen: Screen, { path, old_text, new_text }: Edit, whole: boolean): boolean {
  const before = old_text ?? '';
  // Undefined if the comparison takes too long. Then the whole file is shown as replaced.
  const patch = structuredPatch('', '', before, new_text, undefined, undefined, { context: 3, timeout: DIFF_TIMEOUT });
  const changes = patch
    ? patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
        `@@ -${oldLines === 0 ? oldStart - 1 : oldStart},${oldLines} +${newLines === 0 ? newStart - 1 : newStart},${newLines} @@`,
        ...lines,
      ])
    : [...linesOf(before).map((line) => `-${line}`), ...linesOf(new_text).map((line) => `+${line}`)];
  return showDiffLines(screen, [`--- ${path}`, `+++ ${path}`, ...changes], { whole });
}

function exitOf(content: readonly ToolCallContent[]): string {
  const ended = content.find((block) => block.type === 'command_output');
  if (ended?.type !== 'command_output') return '';
  if (ended.signal != null) return ` ${ended.signal}`;
  return ended.exit_code ? ` exit code ${ended.exit_code}` : '';
}

function titleOf(title: string, kind: string): string {
  return title === '' ? kind : title;
}

/** The title of a tool call, for the question about it. */
export function toolCallTitle({ title, kind }: Pick<ToolCallItem, 'title' | 'kind'>): Span {
  return { text: titleOf(title, kind), style: 'bold' };
}
