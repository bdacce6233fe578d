import type { Readable, Writable } from 'node:stream';

import {
  type AnyMessage,
  type CreateElicitationRequest,
  type CreateElicitationResponse,
  client,
  type LoadSessionRequest,
  type NewSessionRequest,
  type PromptRequest,
  RequestError,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type ResumeSessionResponse,
} from '@agentclientprotocol/sdk';

import { readObject } from '../map/read.js';
import { AcpRequestError, UNSUPPORTED_VERSION } from './acp-request-error.js';
import { createSecretGuard } from './held-secrets.js';
import { openMessages } from './messages.js';
import { type BoundedQueue, createQueue } from './queue.js';
import { type Initialized, readConversation, readInitialized, readTurnEnd } from './read-answers.js';
import type { Translation } from './v2/translation.js';

export type { ContentBlock, CreateElicitationRequest, PermissionOption } from '@agentclientprotocol/sdk';

/** One message of an agent, in the order of sending. A request is answered through its entry. */
export type AgentEntry =
  | { readonly kind: 'update'; readonly notification: unknown }
  | {
      readonly kind: 'permission';
      /** Without the content of its tool call. */
      readonly request: RequestPermissionRequest;
      readonly content: unknown;
      readonly signal: AbortSignal;
      answer(response: RequestPermissionResponse): void;
    }
  | {
      readonly kind: 'elicitation';
      readonly request: CreateElicitationRequest;
      readonly signal: AbortSignal;
      answer(response: CreateElicitationResponse): void;
    }
  /** A step of our own. It keeps its place between the messages of the agent. */
  | { readonly kind: 'step'; run(): Promise<void> };

/**
 * The client's side of ACP, in words of version 1, over two byte streams. A request rejects with {@link AcpRequestError} when the agent refuses
 * it, with `AcpAnswerError` when its answer is not one of ACP, and with the reason when the connection ends first.
 */
export interface AcpConnection {
  /** Bounded: while it is full, nothing is read and the agent's writes block. */
  readonly entries: BoundedQueue<AgentEntry>;
  /** Lines that were not JSON objects; they were ignored. */
  readonly garbageLines: number;
  /** Resolves when the connection has ended: with the reason, or with `undefined` for a plain end of the stream. */
  readonly closed: Promise<Error | undefined>;
  /** Offers this version, and takes what is said then for version 1: another one needs a translation. */
  initialize(protocolVersion: number): Promise<Initialized>;
  /** Logs the agent in with one of its methods. */
  authenticate(methodId: string): Promise<void>;
  newSession(request: NewSessionRequest): Promise<ReturnType<typeof readConversation>>;
  /** Sends `session/resume` or `session/load`. `load` replays the conversation as updates. */
  reopenSession(method: 'resume' | 'load', request: LoadSessionRequest): Promise<ResumeSessionResponse>;
  /** Begins a copy of a conversation. */
  forkSession(request: LoadSessionRequest): Promise<ReturnType<typeof readConversation>>;
  /** A page of the conversations that the agent keeps, of any shape. */
  listSessions(request: { readonly cwd: string; readonly cursor?: string }): Promise<unknown>;
  /** Tells the agent that this conversation will not be used any more. */
  closeSession(sessionId: string): Promise<void>;
  /** Settles before `entries` gets anything that the agent sent after its answer. */
  prompt(request: PromptRequest): Promise<ReturnType<typeof readTurnEnd>>;
  cancel(sessionId: string): Promise<void>;
  /** Gives the agent a message for the turn that runs. Resolves with what became of it, in the words of the agent. */
  steer(request: PromptRequest): Promise<unknown>;
  setMode(sessionId: string, modeId: string): Promise<void>;
  /** Sets one of the `models` of an agent that has no option for it. Older than the options, and not in every schema of ACP. */
  setModel(sessionId: string, modelId: string): Promise<void>;
  /** Resolves with what the agent gives as all of its options. */
  setConfigOption(sessionId: string, configId: string, value: string | boolean): Promise<unknown>;
  close(): void;
}

/** How much an agent may be ahead of the session, and how long a line may be. */
export interface AcpLimits {
  readonly queueItems: number;
  readonly queueBytes: number;
  readonly lineBytes: number;
}

const LIMITS: AcpLimits = { queueItems: 1_024, queueBytes: 4 * 1024 * 1024, lineBytes: 16 * 1024 * 1024 };

/** What an agent may ask before it reads answers; more than it may have open at once with a person. */
const UNANSWERED = { requests: 512, size: 32 * 1024 * 1024 };

/**
 * Starts to speak ACP with an agent. No other file uses the ACP library at run time.
 *
 * @param secrets texts that are replaced in everything that the agent says
 * @param translation speaks with an agent of another version
 */
export function connectAcp(
  output: Readable,
  input: Writable,
  limits: AcpLimits = LIMITS,
  secrets: readonly string[] = [],
  translation?: Translation,
): AcpConnection {
  const entries = createQueue<AgentEntry>({ items: limits.queueItems, bytes: limits.queueBytes });
  /** The last request, with the content of a permission request: the library would keep it until that is answered. */
  let asked: { readonly id: unknown; readonly content: unknown; readonly size: number } | undefined;
  const messages = openMessages<AnyMessage>({
    output,
    input,
    lineBytes: limits.lineBytes,
    ...(secrets.length > 0 && { guard: createSecretGuard(secrets) }),
    ...(translation && { translation }),
    update(notification, size) {
      entries.push({ kind: 'update', notification }, size);
      // Without this: reads on from an agent that is faster than the log
      return entries.full ? entries.room() : undefined;
    },
    unanswered: UNANSWERED,
    request({ id, method, params }, size) {
      asked = { id, content: method === 'session/request_permission' ? takeContent(params) : undefined, size };
      // Without this: reads on from an agent that asks faster than it can be asked back
      return entries.full ? entries.room() : undefined;
    },
  });

  const takeAsked = (requestId: unknown) => {
    const taken = asked?.id === requestId ? asked : undefined;
    asked = undefined;
    return { content: taken?.content, size: taken?.size ?? 0 };
  };

  const connection = client({ name: 'parley' })
    .onRequest('session/request_permission', ({ params, signal, requestId }) =>
      waitForAnswer<RequestPermissionResponse>((answer) => {
        const { content, size } = takeAsked(requestId);
        entries.push({ kind: 'permission', request: params, content, signal, answer }, size);
      }),
    )
    .onRequest('elicitation/create', ({ params, signal, requestId }) =>
      waitForAnswer<CreateElicitationResponse>((answer) =>
        entries.push({ kind: 'elicitation', request: params, signal, answer }, takeAsked(requestId).size),
      ),
    )
    .onNotification('*', () => undefined) // extensions of an agent: ignored
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
    initialize: async (protocolVersion) =>
      readInitialized(
        await withAcpErrors(
          agent.request('initialize', {
            protocolVersion,
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
      ),
    async authenticate(methodId) {
      await withAcpErrors(agent.request('authenticate', { methodId }));
    },
    newSession: async (request) => readConversation(await withAcpErrors(agent.request('session/new', request))),
    reopenSession: async (method, request) => {
      const response = await withAcpErrors<ResumeSessionResponse | null>(
        method === 'resume' ? agent.request('session/resume', request) : agent.request('session/load', request),
      );
      return response ?? {};
    },
    forkSession: async (request) => readConversation(await withAcpErrors(agent.request('session/fork', request))),
    listSessions: (request) => withAcpErrors<unknown>(agent.request('session/list', request)),
    async closeSession(sessionId) {
      await withAcpErrors(agent.request('session/close', { sessionId }));
    },
    prompt: async (request) => readTurnEnd(await withAcpErrors(agent.request('session/prompt', request))),
    // Not in ACP yet: as Codex and its clients have it.
    async steer(request) {
      const wish = { ...request, _meta: { steering: { idleBehavior: 'promptRequired' } } };
      return readObject(await withAcpErrors(agent.request('_session/steering', wish)))?.outcome;
    },
    cancel: (sessionId) => agent.notify('session/cancel', { sessionId }),
    async setMode(sessionId, modeId) {
      await withAcpErrors(agent.request('session/set_mode', { sessionId, modeId }));
    },
    async setModel(sessionId, modelId) {
      await withAcpErrors(agent.request('session/set_model', { sessionId, modelId }));
    },
    async setConfigOption(sessionId, configId, value) {
      const setting = typeof value === 'boolean' ? ({ type: 'boolean', value } as const) : { value };
      const response = await withAcpErrors(
        agent.request('session/set_config_option', { sessionId, configId, ...setting }),
      );
      return readObject(response)?.configOptions;
    },
    close: () => connection.close(),
  };
}

/** Takes the content of a tool call out of a permission request. */
function takeContent(params: unknown): unknown {
  const { toolCall } = Object(params) as { toolCall?: unknown };
  const call = Object(toolCall) as { content?: unknown };
  const { content } = call;
  delete call.content;
  return content;
}

function waitForAnswer<Response>(put: (answer: (response: Response) => void) => void): Promise<Response> {
  return new Promise((resolve) => put(resolve));
}

async function withAcpErrors<Response>(request: Promise<Response>): Promise<Response> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof RequestError) throw new AcpRequestError(error.code, describe(error));
    throw error;
  }
}

/** The message of JSON-RPC is often just 'Internal error'. Agents put the reason into `data`, in one of several shapes. */
function describe(error: RequestError): string {
  const { data } = error;
  if (typeof data === 'string') return `${error.message}: ${data}`;
  if (typeof data !== 'object' || data === null) return error.message;
  const facts = data as Record<string, unknown>;
  if (error.code === UNSUPPORTED_VERSION)
    return `${error.message}: it speaks ${facts.supported}, not ${facts.requested}`;
  const details = [facts.details, facts.message, facts.error].find((fact) => typeof fact === 'string' && fact !== '');
  return details === undefined ? error.message : `${error.message}: ${details}`;
}
