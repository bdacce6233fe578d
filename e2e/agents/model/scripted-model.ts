import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type MessagesRequest, messagesEvents, readMessagesRequest } from './anthropic-messages.js';
import { type ResponsesRequest, readResponsesRequest, responsesEvents } from './openai-responses.js';
import { type ModelScript, stepFor } from './script.js';
import { sendEventStream } from './server-sent-events.js';

/** A model on loopback that the agents talk to as if it were their vendor's. */
export interface ScriptedModel {
  /** Without a trailing slash and without `/v1`. */
  readonly url: string;
  /** Every request so far, for the message of a test that failed. */
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** One request as it came in, with the script's answer to it. */
export interface SeenRequest {
  readonly route: string;
  readonly answer: string;
  readonly body?: unknown;
}

/**
 * Starts an HTTP server on a free port of 127.0.0.1 that answers Codex (`POST /v1/responses`) and Claude Code
 * (`POST /v1/messages`) from one script. File paths in the script are relative to `cwd`. What no agent is known to
 * need is a 404, and stays visible in `requests`.
 */
export async function startScriptedModel(options: { script: ModelScript; cwd: string }): Promise<ScriptedModel> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const route = `${request.method} ${new URL(request.url ?? '/', 'http://loopback').pathname}`;
    answer(route, request, response).then(
      (seen) => requests.push({ route, ...seen }),
      (error: unknown) => {
        requests.push({ route, answer: `500 ${String(error)}` });
        response.destroy();
      },
    );
  });

  async function answer(route: string, request: IncomingMessage, response: ServerResponse) {
    const serial = requests.length + 1;
    if (route === 'POST /v1/responses') {
      const body = (await json(request)) as ResponsesRequest;
      const step = stepFor(options.script, readResponsesRequest(body));
      sendEventStream(response, responsesEvents(step, body, serial));
      return { answer: step.kind, body };
    }
    if (route === 'POST /v1/messages') {
      const body = (await json(request)) as MessagesRequest;
      const step = stepFor(options.script, readMessagesRequest(body));
      sendEventStream(response, messagesEvents(step, body, options.cwd, serial));
      return { answer: step.kind, body };
    }
    request.resume();
    const [status, body] = route === 'POST /v1/messages/count_tokens' ? [200, { input_tokens: 100 }] : [404, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return { answer: String(status) };
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
