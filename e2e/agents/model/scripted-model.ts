import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type MessagesRequest, messagesEvents, readMessagesRequest } from './anthropic-messages.js';
import { type GeminiRequest, geminiEvents, geminiModelOf, readGeminiRequest } from './gemini.js';
import { type ChatRequest, chatEvents, readChatRequest } from './openai-chat.js';
import { type ResponsesRequest, readResponsesRequest, responsesEvents } from './openai-responses.js';
import { type AnswerStep, type ModelRequest, type ModelScript, type ModelStep, stepFor } from './script.js';
import { type ServerSentEvent, sendEventStream } from './server-sent-events.js';

/** A model on loopback that the agents talk to as if it were their vendor's. */
export interface ScriptedModel {
  /** Without a trailing slash and without a version. */
  readonly url: string;
  /** The requests of the agents, without auxiliary ones. */
  readonly requests: readonly ModelRequest[];
  /** One line for each HTTP request so far and its answer, for the message of a test that failed. */
  readonly journal: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts an HTTP server on a free port of 127.0.0.1 that answers Codex (`POST /v1/responses`), Claude Code
 * (`POST /v1/messages`), opencode and Qwen Code (`POST /v1/chat/completions`) and Gemini CLI (`POST
 * /v1beta/models/MODEL:streamGenerateContent`) from one script. File paths in the script are relative to where the agent says that it
 * works (in a session that is isolated that is a copy), or else to `cwd`. What no agent is known to
 * need is a 404, and stays visible in `journal`.
 */
export async function startScriptedModel(options: { script: ModelScript; cwd: string }): Promise<ScriptedModel> {
  const { script, cwd } = options;
  const requests: ModelRequest[] = [];
  const journal: string[] = [];
  const server = createServer((request, response) => {
    const route = `${request.method} ${new URL(request.url ?? '/', 'http://loopback').pathname}`;
    const line = journal.push(`${route} …`) - 1;
    answer(route, request, response, line).then(
      (answered) => {
        journal[line] = `${route} -> ${answered}`;
      },
      (error: unknown) => {
        journal[line] = `${route} -> broken off: ${String(error)}`;
        response.destroy();
      },
    );
  });

  async function answer(route: string, request: IncomingMessage, response: ServerResponse, serial: number) {
    if (route === 'POST /v1/responses') {
      const body = (await json(request)) as ResponsesRequest;
      return act(response, stepOf(readResponsesRequest(body)), (step) => responsesEvents(step, body, serial));
    }
    if (route === 'POST /v1/messages') {
      const body = (await json(request)) as MessagesRequest;
      return act(response, stepOf(readMessagesRequest(body)), (step) =>
        messagesEvents(step, body, workingDirectoryOf(body) ?? cwd, serial),
      );
    }
    if (route === 'POST /v1/chat/completions') {
      const body = (await json(request)) as ChatRequest;
      return act(response, stepOf(readChatRequest(body)), (step) =>
        chatEvents(step, body, workingDirectoryOf(body) ?? cwd, serial),
      );
    }
    const geminiModel = geminiModelOf(route);
    if (geminiModel !== undefined) {
      const body = (await json(request)) as GeminiRequest;
      return act(response, stepOf(readGeminiRequest(geminiModel, body)), (step) =>
        geminiEvents(step, geminiModel, workingDirectoryOf(body) ?? cwd),
      );
    }
    request.resume();
    const known = route === 'POST /v1/messages/count_tokens';
    return sendJson(response, known ? 200 : 404, known ? { input_tokens: 100 } : {});
  }

  function stepOf(request: ModelRequest): ModelStep {
    if (request.canEdit) requests.push(request);
    return stepFor(script, request);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    journal,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function act(response: ServerResponse, step: ModelStep, events: (step: AnswerStep) => ServerSentEvent[]): string {
  if (step.kind === 'fail') {
    return sendJson(response, step.status, { error: { type: 'invalid_request_error', message: step.message } });
  }
  sendEventStream(response, events(step));
  return step.kind;
}

function sendJson(response: ServerResponse, status: number, body: object): string {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return String(status);
}

/** Where an agent says that it works: each says it in its own words. */
function workingDirectoryOf(body: object): string | undefined {
  const words = /(?:working directory: |working in the directory: |Workspace Directories:\*\*\\n {2}- )([^\\"]+)/i;
  return words.exec(JSON.stringify(body))?.[1];
}
