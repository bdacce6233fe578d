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

/** Reads a request of opencode or Qwen Code. Outputs of tools are messages with the role `tool`. */
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
export function chatEvents(
  step: AnswerStep,
  { model, tools = [] }: ChatRequest,
  cwd: string,
  serial: number,
): ServerSentEvent[] {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    object: 'chat.completion.chunk',
    id: `chatcmpl_${serial}`,
    created: 0,
    model,
    choices: [{ index: 0, delta, finish_reason }],
  });
  const deltas = step.kind === 'say' ? step.deltas : (step.say ?? []);
  const text = deltas.map((content) => chunk({ role: 'assistant', content }));
  const usage = {
    ...chunk({}),
    choices: [],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  };
  if (step.kind === 'say') return [...text, chunk({}, 'stop'), usage];
  const isQwen = tools.some((tool) => tool.function.name === 'run_shell_command');
  const { name, input } = isQwen ? qwenCall(step, cwd) : opencodeCall(step, cwd);
  const call = {
    index: 0,
    id: `call_${serial}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  };
  return [...text, chunk({ role: 'assistant', tool_calls: [call] }), chunk({}, 'tool_calls'), usage];
}

type ToolStep = Exclude<AnswerStep, { kind: 'say' }>;

function opencodeCall(step: ToolStep, cwd: string): { name: string; input: object } {
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

function qwenCall(step: ToolStep, cwd: string): { name: string; input: object } {
  switch (step.kind) {
    case 'call':
      return { name: step.tool, input: step.input };
    case 'run':
      return { name: 'run_shell_command', input: { command: step.command, is_background: false } };
    case 'read':
      return { name: 'read_file', input: { file_path: `${cwd}/${step.path}` } };
    case 'edit': {
      const { path, before, after } = step.edit;
      const file_path = `${cwd}/${path}`;
      return before === null
        ? { name: 'write_file', input: { file_path, content: after } }
        : { name: 'edit', input: { file_path, old_string: before, new_string: after } };
    }
  }
}
