import type { Readable, Writable } from 'node:stream';

import {
  type AnyMessage,
  type CreateElicitationRequest,
  type CreateElicitationResponse,
  client,
  type InitializeResponse,
  type NewSessionResponse,
  PROTOCOL_VERSION,
  type PromptRequest,
  type PromptResponse,
  RequestError,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type ResumeSessionResponse,
  type SessionConfigOption,
} from '@agentclientprotocol/sdk';

import { AcpRequestError } from './acp-request-error.js';
import { createSecretGuard } from './held-secrets.js';
import { openMessages } from './messages.js';
import { type BoundedQueue, createQueue } from './queue.js';

export type { ContentBlock, CreateElicitationRequest, PermissionOption } from '@agentclientprotocol/sdk';

/** What an agent sent, in its order. Requests are answered through the entry. */
export type AgentEntry =
  | { readonly kind: 'update'; readonly notification: unknown }
  | {
      readonly kind: 'permission';
      readonly request: RequestPermissionRequest;
      readonly signal: AbortSignal;
      answer(response: RequestPermissionResponse): void;
    }
  | {
      readonly kind: 'elicitation';
      readonly request: CreateElicitationRequest;
      readonly signal: AbortSignal;
      answer(response: CreateElicitationResponse): void;
    }
  /** Something of our own, in its place among what the agent sent. */
  | { readonly kind: 'step'; run(): Promise<void> };

/** What only one vendor's agents understand. */
export type Meta = Readonly<Record<string, unknown>>;

/** ACP v1 as its client speaks it, over bytes. Each request rejects with {@link AcpRequestError} or the reason of the end. */
export interface AcpConnection {
  /** Bounded: while it is full nothing is read, and the agent's writes block. */
  readonly entries: BoundedQueue<AgentEntry>;
  readonly garbageLines: number;
  /** Resolves when the connection is over, with the reason where it is not simply the end of the stream. */
  readonly closed: Promise<Error | undefined>;
  initialize(): Promise<InitializeResponse>;
  newSession(cwd: string, meta?: Meta): Promise<NewSessionResponse>;
  /** `session/resume`, or `session/load` where the agent has only that; what `load` replays comes as updates. */
  reopenSession(method: 'resume' | 'load', cwd: string, sessionId: string, meta?: Meta): Promise<ResumeSessionResponse>;
  /** Settles before anything that the agent sent after its answer is put into `entries`. */
  prompt(request: PromptRequest): Promise<PromptResponse>;
  cancel(sessionId: string): Promise<void>;
  setMode(sessionId: string, modeId: string): Promise<void>;
  setConfigOption(sessionId: string, configId: string, value: string | boolean): Promise<SessionConfigOption[]>;
  close(): void;
}

/** How much an agent may be ahead of the session, and how long a line may be. */
export interface AcpLimits {
  readonly queueItems: number;
  readonly queueBytes: number;
  readonly lineBytes: number;
}

const LIMITS: AcpLimits = { queueItems: 1_024, queueBytes: 4 * 1024 * 1024, lineBytes: 16 * 1024 * 1024 };

/**
 * Starts to speak ACP with an agent. The only place that knows the ACP library.
 *
 * @param secrets texts that are taken out of whatever the agent says
 */
export function connectAcp(
  output: Readable,
  input: Writable,
  limits: AcpLimits = LIMITS,
  secrets: readonly string[] = [],
): AcpConnection {
  const entries = createQueue<AgentEntry>({ items: limits.queueItems, bytes: limits.queueBytes });
  const messages = openMessages<AnyMessage>({
    output,
    input,
    lineBytes: limits.lineBytes,
    ...(secrets.length > 0 && { guard: createSecretGuard(secrets) }),
    update(notification, size) {
      entries.push({ kind: 'update', notification }, size);
      // Without this: reads on from an agent that is faster than the log
      return entries.full ? entries.room() : undefined;
    },
  });

  const connection = client({ name: 'parley' })
    .onRequest('session/request_permission', ({ params, signal }) =>
      ask<RequestPermissionResponse>((answer) => entries.push({ kind: 'permission', request: params, signal, answer })),
    )
    .onRequest('elicitation/create', ({ params, signal }) =>
      ask<CreateElicitationResponse>((answer) =>
        entries.push({ kind: 'elicitation', request: params, signal, answer }),
      ),
    )
    .onNotification('*', () => undefined) // extensions of an agent that nobody asked for
    .connect(messages);

  const { agent } = connection;
  return {
    entries,
    get garbageLines() {
      return messages.garbageLines();
    },
    closed: connection.closed.then(() => {
      entries.close();
      return messages.failure();
    }),
    initialize: () =>
      typed(
        agent.request('initialize', {
          protocolVersion: PROTOCOL_VERSION,
          clientInfo: { name: 'parley', version: '0.1.0' },
          // No `fs` and no `terminal`: an agent works in its own process. The vendors' `_meta` makes command output
          // stream instead of coming at the end.
          clientCapabilities: {
            elicitation: { form: {}, url: {} },
            session: { configOptions: { boolean: {} }, notices: {} },
            _meta: { terminal_output: true, terminal_output_delta: true },
          },
        }),
      ),
    newSession: (cwd, meta) =>
      typed(agent.request('session/new', { cwd, mcpServers: [], ...(meta && { _meta: meta }) })),
    reopenSession: async (method, cwd, sessionId, meta) => {
      const request = { cwd, sessionId, mcpServers: [], ...(meta && { _meta: meta }) };
      const response = await typed<ResumeSessionResponse | null>(
        method === 'resume' ? agent.request('session/resume', request) : agent.request('session/load', request),
      );
      return response ?? {};
    },
    prompt: (request) => typed(agent.request('session/prompt', request)),
    cancel: (sessionId) => agent.notify('session/cancel', { sessionId }),
    async setMode(sessionId, modeId) {
      await typed(agent.request('session/set_mode', { sessionId, modeId }));
    },
    async setConfigOption(sessionId, configId, value) {
      const setting = typeof value === 'boolean' ? ({ type: 'boolean', value } as const) : { value };
      const response = await typed(agent.request('session/set_config_option', { sessionId, configId, ...setting }));
      return response.configOptions;
    },
    close: () => connection.close(),
  };
}

function ask<Response>(put: (answer: (response: Response) => void) => void): Promise<Response> {
  return new Promise((resolve) => put(resolve));
}

async function typed<Response>(request: Promise<Response>): Promise<Response> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof RequestError) throw new AcpRequestError(error.code, describe(error));
    throw error;
  }
}

/** JSON-RPC's 'Internal error' says nothing: what went wrong stands in `data`, in one of several shapes. */
function describe(error: RequestError): string {
  const { data } = error;
  if (typeof data === 'string') return `${error.message}: ${data}`;
  if (typeof data !== 'object' || data === null) return error.message;
  const facts = data as Record<string, unknown>;
  const details = [facts.details, facts.message, facts.error].find((fact) => typeof fact === 'string' && fact !== '');
  return details === undefined ? error.message : `${error.message}: ${details}`;
}
