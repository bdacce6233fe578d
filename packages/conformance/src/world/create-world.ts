import { setMaxListeners } from 'node:events';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { BrokenRule, NotExercised } from '../broken-rule.js';
import { createFrameLog } from '../events/frame-log.js';
import type { Exchange, WireRequest } from '../wire/exchange.js';
import { send } from '../wire/send.js';
import { toExchange } from '../wire/to-exchange.js';
import { createCoverage } from './coverage.js';
import { createRandom } from './random.js';
import { createSecrets } from './secrets.js';
import { createWireLog } from './wire-log.js';
import type { Call, Credential, TestSession, World } from './world.js';

/** What `createWorld` needs. */
export interface WorldOptions {
  readonly url: string;
  readonly token: string;
  readonly token2?: string | undefined;
  readonly agent?: string | undefined;
  /** The folder in which the folders of sessions are created. Default: the system's folder for temporary files. */
  readonly cwd?: string | undefined;
  readonly seed: number;
  readonly strict?: boolean | undefined;
  /** Milliseconds that an answer or a frame may take to come. @default 15_000 */
  readonly patience?: number | undefined;
  readonly restart?: (() => Promise<void>) | undefined;
  readonly signal: AbortSignal;
}

/** Milliseconds within which a restarted server must answer. */
const RESTART_TIMEOUT = 30_000;
/** How often a request is repeated after 429 TooManyRequests, and the most seconds that are waited each time. */
const RETRIES = 5;
const MAX_WAIT = 10;

/** Creates a world. `close` purges its sessions, removes its folders and closes its connections. */
export async function createWorld(options: WorldOptions): Promise<World & { close(): Promise<void> }> {
  const { token, token2, signal, seed } = options;
  // Each request in flight adds a listener.
  setMaxListeners(0, signal);
  const url = options.url.replace(/\/+$/, '');
  const agent = new (url.startsWith('https:') ? TlsAgent : Agent)({ keepAlive: true, maxSockets: 16 });
  const secrets = createSecrets({ token, token2 });
  const coverage = createCoverage();
  const wire = createWireLog((text) => secrets.hide(text));
  const frames = createFrameLog();
  const base = await createBase(options.cwd);
  const made = new Map<string, Credential>();
  let shared: Promise<TestSession> | undefined;

  const ask = async (call: Call, until: AbortSignal | undefined): Promise<Exchange> => {
    const request = toRequest(url, call);
    const as = call.as ?? 'token';
    const authorized = { ...request, headers: { ...secrets.authorization(as), ...request.headers } };
    const shown = { ...request, headers: { ...secrets.shownAuthorization(as), ...request.headers } };
    const answer = await send(authorized, agent, until).catch((error) => {
      if (until?.aborted) throw error;
      throw new BrokenRule({
        expected: `an answer to ${request.method} ${request.path}`,
        got: `none: ${error instanceof Error ? error.message : error}`,
        exchange: toExchange(shown, { status: 0, headers: new Map(), body: Buffer.alloc(0) }),
      });
    });
    return toExchange(shown, answer);
  };

  const call = async (request: Call): Promise<Exchange> => {
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      // Creating a session is never aborted, so that the session can be purged.
      const creates = request.method === 'POST' && /^\/api\/sessions(\/[^/]+\/fork)?$/.test(request.path);
      const exchange = await ask(request, creates ? undefined : signal);
      wire.take(exchange);
      coverage.markExchange(exchange);
      note(exchange, request.as ?? 'token');
      if (request.takes429 || !isThrottled(exchange)) return exchange;
      if (attempt >= RETRIES) throw new NotExercised('the server said 429 TooManyRequests again and again');
      await wait(1_000 * Math.min(Number(exchange.headers.get('retry-after') ?? 1), MAX_WAIT), undefined, {
        signal,
      });
    }
  };

  const note = ({ operation, json }: Exchange, as: Credential) => {
    const { session_id, access_token }: { session_id?: unknown; access_token?: unknown } = Object(json);
    // Also if the status is wrong: any session that was created has to be purged.
    const creates = ['createSession', 'forkSession'].includes(operation?.operationId ?? '');
    if (creates && typeof session_id === 'string') made.set(session_id, as);
    if (typeof access_token === 'string') secrets.add(access_token);
  };

  const createFolder = () => mkdtemp(join(base.folder, 'session-'));

  const createSession = async (settings: Readonly<Record<string, unknown>> = {}): Promise<TestSession> => {
    const cwd = await createFolder();
    const named = options.agent === undefined ? {} : { agent: options.agent };
    const exchange = await call({ method: 'POST', path: '/api/sessions', json: { cwd, ...named, ...settings } });
    if (exchange.status === 429) throw new NotExercised('the server has as many sessions as it allows');
    if (exchange.status !== 201) {
      throw new BrokenRule({ expected: '201 and a session', got: `${exchange.status}`, exchange });
    }
    const info: Record<string, unknown> = Object(exchange.json);
    const session_id = String(info.session_id);
    const path = `/api/sessions/${session_id}`;
    return { session_id, path, ws_url: String(info.ws_url), http_url: String(info.http_url), cwd, info };
  };

  return {
    ...{ url, token, token2, coverage, wire, frames, signal, call, createSession, createFolder },
    agent: options.agent,
    strict: options.strict ?? false,
    patience: options.patience ?? 15_000,
    sharedSession: () => {
      shared ??= createSession();
      return shared;
    },
    random: (name) => createRandom(seed, name),
    hide: (text) => secrets.hide(text),

    async restart() {
      if (options.restart === undefined)
        throw new NotExercised('it needs --restart, a command that restarts the server');
      await options.restart();
      for (const until = performance.now() + RESTART_TIMEOUT; ; ) {
        const health = await ask({ path: '/api/health', as: 'none' }, signal).catch((error) => {
          return error instanceof BrokenRule ? undefined : Promise.reject(error);
        });
        if (health?.status === 200) return;
        if (performance.now() > until) throw new Error('the server does not answer after it was restarted');
        await wait(50, undefined, { signal });
      }
    },

    async close() {
      for (const [id, as] of made) {
        // It fails if the session or the server no longer exists, and then there is nothing to purge.
        await ask({ method: 'DELETE', path: `/api/sessions/${id}?purge=true`, as }, undefined).catch(() => undefined);
      }
      agent.destroy();
      await base.remove();
    },
  };
}

async function createBase(cwd: string | undefined): Promise<{ folder: string; remove(): Promise<void> }> {
  if (cwd !== undefined) await mkdir(cwd, { recursive: true });
  const folder = await realpath(await mkdtemp(join(cwd ?? tmpdir(), 'parley-verify-')));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

function toRequest(origin: string, call: Call): WireRequest {
  const { method = 'GET', path, json, headers = {}, withholdsBody = false } = call;
  const body = call.body ?? (json === undefined ? undefined : JSON.stringify(json));
  const typed: Record<string, string> = json === undefined ? {} : { 'Content-Type': 'application/json' };
  return { origin, method, path, headers: { ...typed, ...headers }, body, withholdsBody };
}

function isThrottled({ status, json }: Exchange): boolean {
  return status === 429 && Object(json).code === 'TooManyRequests';
}
