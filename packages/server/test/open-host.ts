import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentCatalog } from '@parleyhq/agents';
import type { Event, EventFrame } from '@parleyhq/contract';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createSessionHost, type SessionHostOptions } from '../src/host/create-session-host.js';
import { createMcpServers } from '../src/host/mcp-servers.js';
import type { Caller, SessionHost } from '../src/host/session-host.js';
import { checkLimits, type ServerLimits } from '../src/limits.js';
import { type EventLog, LogError } from '../src/log/event-log.js';
import type { SqliteEventLog } from '../src/log/sqlite/sqlite-event-log.js';
import { openTestLog } from './open-test-log.js';

/** The options of a test's host. Limits that are not named have their defaults. */
export interface TestHostOptions extends Partial<Omit<SessionHostOptions, 'limits'>> {
  readonly limits?: ServerLimits;
  readonly openLog?: (path: string) => Promise<SqliteEventLog>;
}

/** The owner of all sessions in tests. */
export const owner: Caller = { account: 'owner' };

/**
 * A host for one test, with the demo agent in this process unless `options` say otherwise; they may depend on the folder of the test.
 * `prepare` writes into its log before it opens. `onEnd` is given what closes it; it is closed with the test unless that is
 * said.
 */
export async function openHost(
  prepare: (log: SqliteEventLog, cwd: string) => Promise<void> = async () => undefined,
  options: TestHostOptions | ((folder: string) => TestHostOptions) = {},
  onEnd: (close: () => Promise<void>) => void = onTestFinished,
) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-host-')));
  const cwd = join(folder, 'project');
  await mkdir(cwd);
  /** The trouble that appends to the log have. */
  const disk: { trouble: 'none' | 'refused' | 'answer lost'; written: (frames: string) => void } = {
    trouble: 'none',
    written: () => undefined,
  };
  const { openLog = openTestLog, ...given } = typeof options === 'function' ? options(folder) : options;
  let log: SqliteEventLog;
  let host: SessionHost;

  async function open(changes: TestHostOptions = {}): Promise<void> {
    host = await createSessionHost({
      log: onDisk(log, disk),
      agents: createAgentCatalog({ agents: [{ name: 'demo', in_memory: true }] }),
      logger: pino({ level: 'silent' }),
      defaultAgent: 'demo',
      roots: [cwd],
      folder: join(folder, 'sessions'),
      dataDir: join(folder, 'sessions'),
      agentRegistry: join(folder, 'agents'),
      mcpServers: createMcpServers(join(folder, 'mcp-servers'), {}),
      env: { ...process.env, PARLEY_DEMO_PACE: '0' },
      ...given,
      ...changes,
      limits: checkLimits({ ...given.limits, ...changes.limits }),
    });
  }

  async function shut(): Promise<void> {
    await host.drain();
    await log.close();
  }

  log = await openLog(join(folder, 'log.db'));
  await prepare(log, cwd);
  await open();
  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= shut().then(() => rm(folder, { recursive: true, force: true }));
    return closing;
  }
  onEnd(close);

  return {
    folder,
    cwd,
    disk,
    /** Only needed if a test opens more than one host. */
    close,
    get host() {
      return host;
    },
    get log() {
      return log;
    },
    /** Stops the host and opens another one over the same log; `host` and `log` are new ones then. */
    async restart(changes: TestHostOptions = {}): Promise<void> {
      await shut();
      disk.trouble = 'none';
      log = await openLog(join(folder, 'log.db'));
      await open(changes);
    },
    say: (session: string, content: string) => host.submit(owner, session, { type: 'user_message', content }),
    /** The whole log of a session, once it has an event that fits. */
    async until(session: string, fits: (event: Event) => boolean): Promise<Event[]> {
      const feed = host.feed(owner, session);
      for (;;) {
        const { latest } = feed;
        const stored = await log.read(session, 0, { events: 100_000, bytes: 1e9 });
        const frames = stored.map(({ frame }) => JSON.parse(frame) as EventFrame);
        const gap = frames.find(({ id }, index) => id !== index + 1);
        if (gap !== undefined) throw new Error(`the ids of the log are not contiguous at event ${gap.id}`);
        const events = frames.map(({ payload }) => payload);
        if (events.some(fits)) return events;
        await new Promise<void>((resolve) => {
          const stop = feed.watch(look);
          look();
          function look(): void {
            if (feed.latest === latest) return;
            stop();
            resolve();
          }
        });
      }
    },
  };
}

/** The type of event that `until` waits for. */
export const is = (type: Event['type']) => (event: Event) => event.type === type;

/** The end of one turn, or of any. */
export const endOf = (turnId?: string) => (event: Event) =>
  event.type === 'turn_completed' && (turnId === undefined || event.turn_id === turnId);

/** The last event of a type. */
export const last = <T extends Event['type']>(events: readonly Event[], type: T) =>
  events.findLast((event): event is Extract<Event, { type: T }> => event.type === type);

function onDisk(
  log: SqliteEventLog,
  disk: { readonly trouble: 'none' | 'refused' | 'answer lost'; readonly written: (frames: string) => void },
): EventLog {
  return {
    ...log,
    async append(...append) {
      disk.written(append[2].map(({ frame }) => frame).join('\n'));
      const { trouble } = disk;
      if (trouble === 'refused') throw new LogError('unavailable', 'the disk is full');
      await log.append(...append);
      if (trouble === 'answer lost') throw new LogError('unavailable', 'the disk did not answer');
    },
  };
}
