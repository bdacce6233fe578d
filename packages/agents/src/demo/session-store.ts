import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { Environment } from '../definition.js';
import { readObject } from '../map/read.js';

/** What the demo agent keeps of a session. */
export interface StoredSession {
  readonly sessionId: string;
  readonly cwd: string;
  readonly title: string | undefined;
  /** How many turns it has had. */
  readonly turns: number;
  /** What was said and done, each message as one chunk. */
  readonly updates: readonly SessionUpdate[];
  /** A time of ISO 8601. */
  readonly updatedAt: string;
}

/** The sessions of the demo agent, which outlive its process. */
export interface SessionStore {
  /** Keeps a session. What cannot be written is not kept. */
  save(session: StoredSession): Promise<void>;
  read(sessionId: string): Promise<StoredSession | undefined>;
  /** All of them, the newest first. */
  list(): Promise<readonly StoredSession[]>;
}

/** So many sessions are kept; then the oldest are forgotten. */
const MAX_SESSIONS = 200;
/** So many characters of what was said in a session are kept. */
const MAX_CHARACTERS = 262_144;

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `PARLEY_DEMO_SESSIONS`, or a folder of the user's state; undefined without a home. */
export function storeFolder(env: Environment): string | undefined {
  if (env.PARLEY_DEMO_SESSIONS !== undefined) return env.PARLEY_DEMO_SESSIONS;
  const state = env.XDG_STATE_HOME ?? (env.HOME && join(env.HOME, '.local', 'state'));
  return state ? join(state, 'parley-demo') : undefined;
}

/** Opens the store in a folder, with one file for each session; without a folder, in memory. */
export function createSessionStore(folder: string | undefined): SessionStore {
  const inMemory = new Map<string, StoredSession>();
  if (folder === undefined) {
    return {
      async save(session) {
        inMemory.delete(session.sessionId);
        inMemory.set(session.sessionId, session);
      },
      read: async (sessionId) => inMemory.get(sessionId),
      list: async () => [...inMemory.values()].reverse(),
    };
  }

  let pruned = false;
  const fileOf = (sessionId: string) => join(folder, `${sessionId}.json`);
  const read = async (sessionId: string) => {
    if (!ID.test(sessionId)) return undefined;
    const text = await readFile(fileOf(sessionId), 'utf8').catch(() => '');
    return parse(text, sessionId);
  };
  const list = async () => {
    const names = await readdir(folder).catch(() => []);
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
    const sessions = (await Promise.all(ids.map(read))).flatMap((session) => session ?? []);
    return sessions.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
  };

  return {
    async save(session) {
      const written = `${fileOf(session.sessionId)}.${process.pid}`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(written, JSON.stringify(session), { mode: 0o600 });
        await rename(written, fileOf(session.sessionId));
        if (pruned) return;
        pruned = true;
        const names = await readdir(folder);
        // Not with each new one: it takes a look into all of them.
        const old = names.length > 2 * MAX_SESSIONS ? (await list()).slice(MAX_SESSIONS) : [];
        await Promise.all(old.map(({ sessionId }) => rm(fileOf(sessionId), { force: true })));
      } catch {
        // A place that cannot be written, such as a home in a sandbox: the session ends with the process.
      }
    },
    read,
    list,
  };
}

/** What was said and done in a session, for the next process. */
export interface Transcript {
  readonly updates: readonly SessionUpdate[];
  /** Adds what was said or done. Chunks of one message become one; what there is no room for is left out. */
  add(update: SessionUpdate): void;
}

/** Goes on with what was said before. */
export function createTranscript(before: readonly SessionUpdate[] = []): Transcript {
  const updates = [...before];
  let room = MAX_CHARACTERS - JSON.stringify(before).length;
  return {
    updates,
    add(update) {
      if (!TOLD.includes(update.sessionUpdate)) return;
      room -= JSON.stringify(update).length;
      if (room < 0) return;
      const last = updates.at(-1);
      const [said, more] = [textOf(last), textOf(update)];
      if (last?.sessionUpdate === update.sessionUpdate && said !== undefined && more !== undefined) {
        updates[updates.length - 1] = { ...last, content: { type: 'text', text: said + more } } as SessionUpdate;
      } else updates.push(update);
    },
  };
}

const TOLD: readonly string[] = [
  ...['user_message_chunk', 'agent_message_chunk', 'agent_thought_chunk'],
  ...['tool_call', 'tool_call_update', 'plan'],
];

/** The text of a chunk; undefined for anything else. */
function textOf(update: SessionUpdate | undefined): string | undefined {
  const content = readObject(readObject(update)?.content);
  return content?.type === 'text' ? String(content.text) : undefined;
}

function parse(text: string, sessionId: string): StoredSession | undefined {
  try {
    const stored = readObject(JSON.parse(text));
    return stored?.sessionId === sessionId ? (stored as unknown as StoredSession) : undefined;
  } catch {
    return undefined; // it is not there, or not whole
  }
}
