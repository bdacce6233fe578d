import { type Raw, readObject, readObjects, readOneOf, readText } from '../../map/read.js';
import type { ToolCalls } from './tool-calls.js';
import { notice, type Update } from './wire.js';

const KINDS = ['allow_once', 'allow_always', 'reject_once', 'reject_always'] as const;

/** A request for permission in words of version 1. */
export interface MappedPermission {
  /** Without its tool call. */
  readonly params: Raw;
  readonly toolCall: Update;
  /** What is told before it. */
  readonly updates: readonly Update[];
}

/**
 * Maps a request for permission, which has a tool call in version 1. In version 2 it may be about a command, about something
 * else or nothing in particular, and has words of its own.
 */
export function mapPermission(
  { title, description, subject, options, ...params }: Raw,
  requestId: unknown,
  toolCalls: ToolCalls,
): MappedPermission {
  const [toolCall, ...more] = toolCalls.update(callOf({ title, description, subject }, requestId));
  const isShown = readText(title, 256) === toolCalls.titleOf(toolCall.toolCallId);
  const words = [isShown ? undefined : readText(title), readObject(subject) && readText(description)];
  const said = words.filter(Boolean).join(': ');
  return {
    params: { ...params, options: mapOptions(options) },
    toolCall,
    // Without this: asks, and does not show what
    updates: [...more, ...(said === '' ? [] : [notice('info', said)])],
  };
}

/** The call that the permission is for. Without one, it is a call of its own. */
function callOf({ title, description, subject: given }: Raw, requestId: unknown): Update {
  const subject = readObject(given);
  const own = { toolCallId: `permission/${requestId}`, title };
  switch (subject?.type) {
    case 'tool_call':
      return readObject(subject.toolCall) ?? own;
    case 'command': {
      const { command, cwd, toolCallId, terminalId } = subject;
      const shown = readText(terminalId) === undefined ? {} : { content: [{ type: 'terminal', terminalId }] };
      const known = readText(toolCallId) === undefined ? { ...own, title: command, ...shown } : { toolCallId };
      return { ...known, kind: 'execute', rawInput: { command, cwd } };
    }
    default: {
      const words = subject === undefined ? readText(description) : JSON.stringify(subject);
      return { ...own, ...(words && { content: [{ type: 'content', content: { type: 'text', text: words } }] }) };
    }
  }
}

/** An option of an unknown kind stands behind the others: none but the user himself chooses it. */
function mapOptions(given: unknown): Raw[] {
  const options = readObjects(given, 64);
  const isKnown = ({ kind }: Raw) => readOneOf(kind, KINDS) !== undefined;
  const others = options.filter((option) => !isKnown(option)).map((option) => ({ ...option, kind: 'reject_once' }));
  return [...options.filter(isKnown), ...others];
}
