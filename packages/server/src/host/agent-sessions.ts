import { AgentUnsupportedError, type KeptSession, type KeptSessions, listSessions } from '@parleyhq/agents';
import { type AgentSession, type AgentSessionList, type CreateSessionRequest, ServiceError } from '@parleyhq/contract';
import { OWNER_ACCOUNT } from '../auth/principal.js';
import { createFairQueue } from '../http/fair-queue.js';
import type { SessionFold } from '../journal/fold.js';
import { resolveDirectory } from '../workspace/roots.js';
import { type AgentOpenerOptions, acpLimits, checkAvailable, withStartErrors } from './agent-opener.js';
import type { SessionDirectory } from './session-directory.js';
import type { AgentSessionsPage } from './session-host.js';

/** The sessions that agents themselves keep: who may see them, and who may take them up. */
export interface AgentSessions {
  /**
   * A page of those that the account may take up.
   *
   * @throws ServiceError `NotFound` for an unknown agent, `UnsupportedByAgent`, `AgentUnavailable`, `InvalidRequest` for the
   *   directory or the cursor.
   */
  list(account: string, agent: string, page: AgentSessionsPage): Promise<AgentSessionList>;
  /**
   * Creates a session, for which no other one can take up the same session of its agent meanwhile.
   *
   * @throws ServiceError `AgentSessionInUse` if an open session has it, `InvalidRequest` if it is of another account.
   */
  reserve<T>(account: string, request: CreateSessionRequest, create: () => Promise<T>): Promise<T>;
  /**
   * Looks whether it is of this directory.
   *
   * @throws ServiceError `InvalidRequest` if not; AgentUnsupportedError if that cannot be known.
   */
  check(account: string, agent: string, cwd: string, agentSessionId: string): Promise<void>;
}

/** The options of {@link createAgentSessions}. */
export interface AgentSessionsOptions extends AgentOpenerOptions {
  readonly defaultAgent: string;
  readonly sessions: Pick<SessionDirectory, 'all'>;
}

/** So many different pages may be waited for. */
const MAX_WAITING = 32;
/** How many agents may be asked at the same time; each of them answers one after another. */
const AT_ONCE = { inAll: 4, each: 1 };
/** So many pages of an agent are looked through for a session. */
const MAX_PAGES = 100;

/** Creates it for a server. */
export function createAgentSessions(options: AgentSessionsOptions): AgentSessions {
  const { agents, roots, dataDir, limits, sessions, defaultAgent } = options;
  const places = { roots, dataDir };
  const queue = createFairQueue(AT_ONCE);
  const waiting = new Map<string, Promise<KeptSessions>>();
  const reserved = new Set<string>();

  /** The sessions of this server, open or closed, that have had a session of an agent, by its id. */
  function holdersOf(agent: string): Map<string, SessionFold[]> {
    const holders = new Map<string, SessionFold[]>();
    for (const { journal } of sessions.all()) {
      const { agentSessionId, state } = journal.durable;
      if (agentSessionId === undefined || state.agent !== agent) continue;
      holders.set(agentSessionId, [...(holders.get(agentSessionId) ?? []), journal.durable]);
    }
    return holders;
  }

  /** Reads a page. Whoever asks for the same one before it is begun shares it. */
  function read(name: string, cwd: string, cursor: string | undefined): Promise<KeptSessions> {
    const key = JSON.stringify([name, cwd, cursor]);
    const shared = waiting.get(key);
    // Without this: starts an agent for each who asks for the same page
    if (shared !== undefined) return shared;
    if (waiting.size >= MAX_WAITING) {
      throw new ServiceError('TooManyRequests', `Too many wait for the sessions of ${name}.`, { retryAfter: 5 });
    }
    const reading = queue.run(name, () => {
      waiting.delete(key);
      return ask(name, cwd, cursor);
    });
    waiting.set(key, reading);
    return reading;
  }

  async function ask(name: string, cwd: string, cursor: string | undefined): Promise<KeptSessions> {
    const definition = agents.get(name);
    if (definition === undefined) throw new ServiceError('NotFound', `No agent ${name}.`);
    return listSessions({
      ...{ definition, cwd, cursor, dataDir },
      registryDir: options.agentRegistry,
      startTimeoutMs: limits.agentStartTimeoutMs,
      limits: acpLimits(limits),
      ...(options.secrets && { secrets: options.secrets }),
      ...(options.env && { env: options.env }),
      ...(options.stopping && { signal: options.stopping }),
    });
  }

  async function isListed(agent: string, cwd: string, agentSessionId: string): Promise<boolean> {
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { sessions: found, nextCursor } = await read(agent, cwd, cursor);
      // Without this: takes up a session of another directory, which may be outside of the roots
      if (found.some((kept) => kept.sessionId === agentSessionId && kept.cwd === cwd)) return true;
      if (nextCursor === undefined) return false;
      cursor = nextCursor;
    }
    return false;
  }

  return {
    async list(account, agent, { cwd: wanted, limit, cursor }) {
      const definition = agents.get(agent);
      if (definition === undefined) throw unknownAgent(agents.list().map(({ name }) => name));
      const inSandbox = (definition.wrapper?.length ?? 0) > 0;
      const cwd = await resolveDirectory('cwd', wanted, places, { apartFromData: inSandbox, part: 'query' });
      const from = cursor === undefined ? { of: undefined, skip: 0 } : decode(cursor);
      await checkAvailable(agents, agent);
      const page = await withStartErrors(agent, () => read(agent, cwd, from.of));
      const holders = holdersOf(agent);
      const shown: AgentSession[] = [];
      let next = from.skip;
      for (; next < page.sessions.length && shown.length < limit; next += 1) {
        const kept = page.sessions[next] as KeptSession;
        const held = holders.get(kept.sessionId) ?? [];
        // Without this: lists what the agent has said in other directories
        if (kept.cwd === cwd && maySee(account, cwd, held)) shown.push(describe(kept, held));
      }
      const rest = next < page.sessions.length ? encode(from.of, next) : undefined;
      const after = page.nextCursor === undefined ? null : encode(page.nextCursor, 0);
      return { sessions: shown, next_cursor: rest ?? after };
    },

    async reserve(account, { agent = defaultAgent, resume_agent_session: id }, create) {
      if (id === undefined) return create();
      const key = JSON.stringify([agent, id]);
      const held = holdersOf(agent).get(id) ?? [];
      // Without this: gives an account the conversation of another
      if (held.some((fold) => fold.account !== account)) throw unknownSession();
      const open = held.find(({ state }) => state.closed_at === null);
      // Without this: lets two sessions go on with one conversation
      if (open !== undefined || reserved.has(key)) {
        const which = open === undefined ? 'Another session' : `The session ${open.state.session_id}`;
        throw new ServiceError('AgentSessionInUse', `${which} has this session of the agent; close it first.`);
      }
      reserved.add(key);
      return create().finally(() => reserved.delete(key));
    },

    async check(account, agent, cwd, agentSessionId) {
      const held = holdersOf(agent).get(agentSessionId) ?? [];
      if (held.some(isIn(cwd))) return;
      // Without this: gives an account what the owner has said to the agent
      if (account !== OWNER_ACCOUNT) throw unknownSession();
      const listed = await isListed(agent, cwd, agentSessionId).catch((error: unknown) => {
        if (!(error instanceof AgentUnsupportedError)) throw error;
        throw new AgentUnsupportedError('resume_agent_session', `${error.message}, so its directory cannot be known`);
      });
      if (!listed) throw unknownSession();
    },
  };
}

/** Whether an account may see a session of an agent in a directory, which these sessions of the server have had. */
function maySee(account: string, cwd: string, held: readonly SessionFold[]): boolean {
  // Without this: shows an account the conversations of another
  if (held.some((fold) => fold.account !== account)) return false;
  // Without this: shows an account what the owner has said to the agent
  return account === OWNER_ACCOUNT || held.some(isIn(cwd));
}

function isIn(cwd: string) {
  return ({ state }: SessionFold) => state.cwd === cwd && state.workspace === 'direct';
}

function describe({ sessionId, cwd, title, updatedAt }: KeptSession, held: readonly SessionFold[]): AgentSession {
  const open = held.find(({ state }) => state.closed_at === null)?.state.session_id;
  const session = { agent_session_id: sessionId, cwd, title, updated_at: updatedAt };
  return open === undefined ? session : { ...session, session_id: open };
}

function unknownSession(): ServiceError {
  const message = 'expected a session that the agent lists for cwd, or that an own session in cwd has had';
  return new ServiceError('InvalidRequest', `resume_agent_session: ${message}.`, {
    details: [{ pointer: '/body/resume_agent_session', message }],
  });
}

function unknownAgent(names: readonly string[]): ServiceError {
  return new ServiceError('NotFound', `No such agent; expected one of ${names.join(', ')}.`);
}

/** A place in the list: a page of the agent, and how many of its sessions come before. */
function encode(of: string | undefined, skip: number): string {
  return Buffer.from(JSON.stringify([of ?? null, skip])).toString('base64url');
}

function decode(cursor: string): { readonly of: string | undefined; readonly skip: number } {
  try {
    const [of, skip] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if ((of === null || typeof of === 'string') && Number.isSafeInteger(skip) && skip >= 0) {
      return { of: of ?? undefined, skip };
    }
  } catch {
    // It is refused below.
  }
  const message = 'expected the next_cursor of the page before';
  throw new ServiceError('InvalidRequest', `cursor: ${message}.`, { details: [{ pointer: '/query/cursor', message }] });
}
