import { AgentUnsupportedError } from './agent-error.js';
import { type AskAgentOptions, askAgent } from './ask-agent.js';
import { readCapabilities } from './capabilities.js';
import { readObject, readObjects, readText } from './map/read.js';
import { withLogin } from './open-conversation.js';

/** What `listSessions` needs: how an agent is started, and which page it is asked for. */
export interface ListSessionsOptions extends Omit<AskAgentOptions, 'settings' | 'signal' | 'onEntry'> {
  /** Aborting it ends the agent. */
  readonly signal?: AbortSignal | undefined;
  /** The agent's own cursor. @default its first page */
  readonly cursor?: string | undefined;
}

/** A session that an agent keeps. */
export interface KeptSession {
  readonly sessionId: string;
  readonly cwd: string;
  readonly title: string | null;
  /** Milliseconds since the epoch; null if the agent does not say. */
  readonly updatedAt: number | null;
}

/** A page of them, in the agent's order. */
export interface KeptSessions {
  readonly sessions: readonly KeptSession[];
  /** The agent's cursor of the next page. */
  readonly nextCursor: string | undefined;
}

/** The most sessions of a page that are read, whatever the agent sends. */
const MAX_PAGE = 1_000;

/** The longest id and cursor; what is longer is left out. */
const MAX_ID = 1_024;

/**
 * Asks an agent for a page of the sessions that it keeps of `cwd`, in a process that does nothing else and always ends. All of it takes at
 * most `startTimeoutMs`. Rejects with `AgentUnsupportedError` where the agent does not tell, and with `AgentError` like
 * `openAgent`.
 */
export async function listSessions(options: ListSessionsOptions): Promise<KeptSessions> {
  const { definition, cwd, cursor, startTimeoutMs = 30_000 } = options;
  const inTime = AbortSignal.timeout(startTimeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, inTime]) : inTime;
  return askAgent({ ...options, settings: {}, signal }, async ({ connection, initialized, env }) => {
    if (!readCapabilities(initialized).includes('list_sessions')) {
      throw new AgentUnsupportedError('', `${definition.title} does not tell which sessions it keeps`);
    }
    const answer = await withLogin({ connection, initialized, definition, env }, () =>
      connection.listSessions({ cwd, ...(cursor !== undefined && { cursor }) }),
    );
    return readPage(answer);
  });
}

function readPage(answer: unknown): KeptSessions {
  const { sessions, nextCursor } = readObject(answer) ?? {};
  return {
    sessions: readObjects(sessions, MAX_PAGE).flatMap((session) => {
      const { sessionId, cwd } = session;
      if (typeof sessionId !== 'string' || sessionId === '' || sessionId.length > MAX_ID) return [];
      if (typeof cwd !== 'string' || cwd.length > 4_096) return [];
      const updatedAt = Date.parse(readText(session.updatedAt, 64) ?? '');
      const title = readText(session.title, 200) || null;
      return [{ sessionId, cwd, title, updatedAt: updatedAt >= 0 ? updatedAt : null }];
    }),
    nextCursor:
      typeof nextCursor === 'string' && nextCursor.length <= MAX_ID && nextCursor !== '' ? nextCursor : undefined,
  };
}
