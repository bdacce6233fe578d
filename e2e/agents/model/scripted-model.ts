import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type MessagesRequest, messagesEvents, readMessagesRequest } from './anthropic-messages.js';
import { type ResponsesRequest, readResponsesRequest, responsesEvents } from './openai-responses.js';
import { type AnswerStep, type ModelScript, type ModelStep, stepFor } from './script.js';
import { type ServerSentEvent, sendEventStream } from './server-sent-events.js';

/** A model on loopback that the agents talk to as if it were their vendor's. */
export interface ScriptedModel {
  /** Without a trailing slash and without `/v1`. */
  readonly url: string;
  /** One line for each request so far and what it was answered, for the message of a test that failed. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts an HTTP server on a free port of 127.0.0.1 that answers Codex (`POST /v1/responses`) and Claude Code
 * (`POST /v1/messages`) from one script. File paths in the script are relative to `cwd`. What no agent is known to
 * need is a 404, and stays visible in `requests`.
 */
export async function startScriptedModel(options: { script: ModelScript; cwd: string }): Promise<ScriptedModel> {
  const { script, cwd } = options;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const route = `${request.method} ${new URL(request.url ?? '/', 'http://loopback').pathname}`;
    const line = requests.push(`${route} …`) - 1;
    answer(route, request, response, line).then(
      (answered) => {
        requests[line] = `${route} -> ${answered}`;
      },
      (error: unknown) => {
        requests[line] = `${route} -> broken off: ${String(error)}`;
        response.destroy();
      },
    );
  });

  async function answer(route: string, request: IncomingMessage, response: ServerResponse, serial: number) {
    if (route === 'POST /v1/responses') {
      const body = (await json(request)) as ResponsesRequest;
      return act(response, stepFor(script, readResponsesRequest(body)), (step) => responsesEvents(step, body, serial));
    }
    if (route === 'POST /v1/messages') {
      const body = (await json(request)) as MessagesRequest;
      const step = stepFor(script, readMessagesRequest(body));
      return act(response, step, (answerStep) => messagesEvents(answerStep, body, cwd, serial));
    }
    request.resume();
    const known = route === 'POST /v1/messages/count_tokens';
    return sendJson(response, known ? 200 : 404, known ? { input_tokens: 100 } : {});
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
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
