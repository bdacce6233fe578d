import { type AnswerStep, type ModelRequest, readSaid, type Said } from './script.js';
import type { ServerSentEvent } from './server-sent-events.js';

/** The parts of a request of the Gemini API that the script uses. The model is in its path. */
export interface GeminiRequest {
  readonly contents: readonly {
    readonly role?: string;
    readonly parts?: readonly { readonly text?: string; readonly functionResponse?: object }[];
  }[];
  readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[];
}

/** The model of `POST /v1beta/models/MODEL:streamGenerateContent`; undefined for any other path. */
export function geminiModelOf(route: string): string | undefined {
  return /^POST \/v1beta\/models\/([^/:]+):streamGenerateContent$/.exec(route)?.[1];
}

/** Reads a request of Gemini CLI. Outputs of tools are `functionResponse` parts in a message with the role of the user. */
export function readGeminiRequest(model: string, { contents, tools = [] }: GeminiRequest): ModelRequest {
  let toolOutputs = 0;
  const said: Said[] = [];
  for (const { role, parts = [] } of contents) {
    for (const { text, functionResponse } of parts) {
      said.push(...readSaid(role === 'model' ? 'assistant' : role, text));
      if (functionResponse) toolOutputs += 1;
      else if (role === 'user') toolOutputs = 0;
    }
  }
  const names = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name));
  return { model, tools: names, said, toolOutputs, canEdit: names.includes('replace') };
}

/** Turns a step into the event stream of one `streamGenerateContent`. */
export function geminiEvents(step: AnswerStep, model: string, cwd: string): ServerSentEvent[] {
  const deltas = step.kind === 'say' ? step.deltas : (step.say ?? []);
  const parts: object[] = deltas.map((text) => ({ text }));
  if (step.kind !== 'say') parts.push({ functionCall: functionCall(step, cwd) });
  return parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    return {
      candidates: [{ index: 0, content: { role: 'model', parts: [part] }, ...(isLast && { finishReason: 'STOP' }) }],
      usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 },
      modelVersion: model,
    };
  });
}

function functionCall(step: Exclude<AnswerStep, { kind: 'say' }>, cwd: string): { name: string; args: object } {
  switch (step.kind) {
    case 'call':
      return { name: step.tool, args: step.input };
    case 'run':
      return { name: 'run_shell_command', args: { command: step.command, description: step.command } };
    case 'read':
      return { name: 'read_file', args: { file_path: `${cwd}/${step.path}` } };
    case 'edit': {
      const { path, before, after } = step.edit;
      const file_path = `${cwd}/${path}`;
      return before === null
        ? { name: 'write_file', args: { file_path, content: after } }
        : { name: 'replace', args: { file_path, instruction: 'Edit.', old_string: before, new_string: after } };
    }
  }
}
