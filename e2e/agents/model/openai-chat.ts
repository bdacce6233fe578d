import { type AnswerStep, type ModelRequest, readSaid, type Said } from './script.js';
import type { ServerSentEvent } from './server-sent-events.js';

/** The parts of an OpenAI chat completion request that the script uses. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content?: string | readonly { readonly text?: string }[] | null;
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly reasoning_effort?: string;
}

/** Reads a request of opencode. Outputs of tools are messages with the role `tool`. */
export function readChatRequest({ model, messages, tools = [], reasoning_effort: effort }: ChatRequest): ModelRequest {
  let toolOutputs = 0;
  const said: Said[] = [];
  for (const { role, content } of messages) {
    if (role === 'user') toolOutputs = 0;
    if (role === 'tool') toolOutputs += 1;
    for (const { text } of typeof content === 'string' ? [{ text: content }] : (content ?? [])) {
      said.push(...readSaid(role, text));
    }
  }
  const names = tools.map((tool) => tool.function.name);
  return { model, tools: names, said, toolOutputs, canEdit: names.includes('edit'), ...(effort && { effort }) };
}

/** Turns a step into the event stream of one `POST /v1/chat/completions`. */
export function chatEvents(step: AnswerStep, { model }: ChatRequest, cwd: string, serial: number): ServerSentEvent[] {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    type: 'chat.completion.chunk',
    object: 'chat.completion.chunk',
    id: `chatcmpl_${serial}`,
    created: 0,
    model,
    choices: [{ index: 0, delta, finish_reason }],
  });
  const deltas = step.kind === 'say' ? step.deltas : (step.say ?? []);
  const text = deltas.map((content) => chunk({ role: 'assistant', content }));
  if (step.kind === 'say') return [...text, chunk({}, 'stop')];
  const { name, input } = toolCall(step, cwd);
  const call = {
    index: 0,
    id: `call_${serial}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  };
  return [...text, chunk({ role: 'assistant', tool_calls: [call] }), chunk({}, 'tool_calls')];
}

function toolCall(step: Exclude<AnswerStep, { kind: 'say' }>, cwd: string): { name: string; input: object } {
  switch (step.kind) {
    case 'call':
      return { name: step.tool, input: step.input };
    case 'run':
      return { name: 'bash', input: { command: step.command, description: step.command } };
    case 'read':
      return { name: 'read', input: { filePath: `${cwd}/${step.path}` } };
    case 'edit': {
      const { path, before, after } = step.edit;
      const filePath = `${cwd}/${path}`;
      return before === null
        ? { name: 'write', input: { filePath, content: after } }
        : { name: 'edit', input: { filePath, oldString: before, newString: after } };
    }
  }
}
