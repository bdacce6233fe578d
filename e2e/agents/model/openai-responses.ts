import { type AnswerStep, type FileEdit, type ModelRequest, readSaid, type Said } from './script.js';
import type { ServerSentEvent } from './server-sent-events.js';

/** The parts of an OpenAI Responses request that the script uses. */
export interface ResponsesRequest {
  readonly model: string;
  readonly input: readonly {
    readonly type?: string;
    readonly role?: string;
    readonly content?: readonly { readonly text?: string }[];
  }[];
  readonly tools?: readonly { readonly type: string; readonly name?: string }[];
  readonly reasoning?: { readonly effort?: string } | null;
}

/** Reads a request of Codex. Outputs of tools are `function_call_output` and `custom_tool_call_output` items. */
export function readResponsesRequest({ model, input, tools = [], reasoning }: ResponsesRequest): ModelRequest {
  let toolOutputs = 0;
  const said: Said[] = [];
  for (const { role, type, content } of input) {
    for (const { text } of content ?? []) said.push(...readSaid(role, text));
    if (role === 'user') toolOutputs = 0;
    if (type?.endsWith('_call_output')) toolOutputs += 1;
  }
  const names = tools.map(({ type, name }) => name ?? type);
  const effort = reasoning?.effort;
  return {
    model,
    tools: names,
    said,
    toolOutputs,
    canEdit: names.includes('exec_command'),
    ...(effort !== undefined && { effort }),
  };
}

/** Turns a step into the event stream of one `POST /v1/responses`. */
export function responsesEvents(step: AnswerStep, request: ResponsesRequest, serial: number): ServerSentEvent[] {
  const items = outputItems(step, serial);
  const response = { id: `resp_${serial}`, object: 'response', model: request.model, created_at: 0 };
  return [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    ...items.flatMap((item, index) => itemEvents(item, index)),
    {
      type: 'response.completed',
      response: {
        ...response,
        status: 'completed',
        output: items.map(({ item }) => item),
        usage: {
          input_tokens: 100,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: 20,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 120,
        },
      },
    },
  ];
}

interface OutputItem {
  readonly item: Readonly<Record<string, unknown>>;
  readonly deltas?: readonly string[];
}

function outputItems(step: AnswerStep, serial: number): OutputItem[] {
  const deltas = step.kind === 'say' ? step.deltas : (step.say ?? []);
  const message: OutputItem = {
    deltas,
    item: {
      type: 'message',
      id: `msg_${serial}`,
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: deltas.join(''), annotations: [] }],
    },
  };
  const messages = deltas.length > 0 ? [message] : [];
  if (step.kind === 'say') return messages;
  const { tool, input } = toolCall(step);
  const call = {
    type: 'function_call',
    id: `fc_${serial}`,
    call_id: `call_${serial}`,
    name: tool,
    arguments: JSON.stringify(input),
    status: 'completed',
  };
  return [...messages, { item: call }];
}

function toolCall(step: Exclude<AnswerStep, { kind: 'say' }>): { tool: string; input: object } {
  switch (step.kind) {
    case 'call':
      return step;
    case 'run':
      return { tool: 'exec_command', input: { cmd: step.command } };
    case 'read':
      return { tool: 'exec_command', input: { cmd: `cat ${step.path}` } };
    case 'edit':
      return { tool: 'exec_command', input: { cmd: `apply_patch <<'EOF'\n${codexPatch(step.edit)}\nEOF` } };
  }
}

function itemEvents({ item, deltas = [] }: OutputItem, output_index: number): ServerSentEvent[] {
  return [
    {
      type: 'response.output_item.added',
      output_index,
      item: item.type === 'message' ? { ...item, status: 'in_progress', content: [] } : item,
    },
    ...deltas.map((delta) => ({
      type: 'response.output_text.delta',
      item_id: item.id,
      output_index,
      content_index: 0,
      delta,
    })),
    { type: 'response.output_item.done', output_index, item },
  ];
}

/** The patch language that Codex teaches its models: a whole new file, or one hunk that replaces every line. */
function codexPatch({ path, before, after }: FileEdit): string {
  const lines = (text: string, sign: string) =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `${sign}${line}`);
  const change =
    before === null
      ? [`*** Add File: ${path}`, ...lines(after, '+')]
      : [`*** Update File: ${path}`, '@@', ...lines(before, '-'), ...lines(after, '+')];
  return ['*** Begin Patch', ...change, '*** End Patch'].join('\n');
}
