import { type AnswerStep, type ModelRequest, readSaid, type Said } from './script.js';
import type { ServerSentEvent } from './server-sent-events.js';

/** The parts of an Anthropic Messages request that the script uses. */
export interface MessagesRequest {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | readonly { readonly type: string; readonly text?: string }[];
  }[];
  readonly tools?: readonly { readonly type?: string; readonly name?: string }[];
}

/**
 * Reads a request of Claude Code. A tool's output is a `tool_result` block in a message with the role of the user. The
 * user's text is a text block, after an interrupted turn even in the same message. So are the reminders that Claude
 * Code adds.
 */
export function readMessagesRequest({ model, messages, tools = [] }: MessagesRequest): ModelRequest {
  let toolOutputs = 0;
  const said: Said[] = [];
  for (const { role, content } of messages) {
    for (const block of typeof content === 'string' ? [{ type: 'text', text: content }] : content) {
      said.push(...readSaid(role, block.text));
      if (role !== 'user') continue;
      if (block.type === 'tool_result') toolOutputs += 1;
      else if (!block.text?.startsWith('<system-reminder>')) toolOutputs = 0;
    }
  }
  const names = tools.map(({ type, name }) => name ?? type ?? 'unnamed');
  return { model, tools: names, said, toolOutputs, canEdit: names.includes('Write') };
}

/** Turns a step into the event stream of one `POST /v1/messages`. */
export function messagesEvents(
  step: AnswerStep,
  request: MessagesRequest,
  cwd: string,
  serial: number,
): ServerSentEvent[] {
  const deltas = step.kind === 'say' ? step.deltas : (step.say ?? []);
  const text = deltas.length > 0 ? [{ type: 'text' as const, deltas }] : [];
  const blocks = step.kind === 'say' ? text : [...text, toolUse(step, cwd, serial)];
  return [
    {
      type: 'message_start',
      message: {
        id: `msg_${serial}`,
        type: 'message',
        role: 'assistant',
        model: request.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 100, output_tokens: 1 },
      },
    },
    ...blocks.flatMap((block, index) => blockEvents(block, index)),
    {
      type: 'message_delta',
      delta: { stop_reason: step.kind === 'say' ? 'end_turn' : 'tool_use', stop_sequence: null },
      usage: { output_tokens: 20 },
    },
    { type: 'message_stop' },
  ];
}

type Block =
  | { readonly type: 'text'; readonly deltas: readonly string[] }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

function toolUse(step: Exclude<AnswerStep, { kind: 'say' }>, cwd: string, serial: number): Block {
  const use = { type: 'tool_use' as const, id: `toolu_${serial}` };
  if (step.kind === 'call') return { ...use, name: step.tool, input: step.input };
  if (step.kind === 'run') return { ...use, name: 'Bash', input: { command: step.command, description: step.command } };
  if (step.kind === 'read') return { ...use, name: 'Read', input: { file_path: `${cwd}/${step.path}` } };
  const { path, before, after } = step.edit;
  const file_path = `${cwd}/${path}`;
  return before === null
    ? { ...use, name: 'Write', input: { file_path, content: after } }
    : { ...use, name: 'Edit', input: { file_path, old_string: before, new_string: after } };
}

function blockEvents(block: Block, index: number): ServerSentEvent[] {
  const stop = { type: 'content_block_stop', index };
  if (block.type === 'text') {
    const deltas = block.deltas.map((text) => delta(index, { type: 'text_delta', text }));
    return [{ type: 'content_block_start', index, content_block: { type: 'text', text: '' } }, ...deltas, stop];
  }
  const { input, ...start } = block;
  return [
    { type: 'content_block_start', index, content_block: { ...start, input: {} } },
    delta(index, { type: 'input_json_delta', partial_json: JSON.stringify(input) }),
    stop,
  ];
}

function delta(index: number, change: object): ServerSentEvent {
  return { type: 'content_block_delta', index, delta: change };
}
