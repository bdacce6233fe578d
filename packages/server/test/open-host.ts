import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentCatalog } from '@parleyhq/agents';
import type { Event, EventFrame } from '@parleyhq/contract';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { openSqliteEventLog, type SqliteEventLog } from '../src/log/sqlite-event-log.js';
import { createSessionHost } from '../src/sessions/create-session-host.js';
import type { Caller, SessionHost } from '../src/sessions/session-host.js';

/** Whoever runs the tests. */
export const owner: Caller = { account: 'owner' };

/** A host for one test, with the demo agent. `prepare` writes into its log before it opens. */
export async function openHost(prepare: (log: SqliteEventLog, cwd: string) => Promise<void> = async () => undefined) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-host-')));
  const cwd = join(folder, 'project');
  await mkdir(cwd);
  const log = await openSqliteEventLog({ path: join(folder, 'log.db') });
  await prepare(log, cwd);
  const host: SessionHost = await createSessionHost({
    log,
    agents: createAgentCatalog({}),
    logger: pino({ level: 'silent' }),
    defaultAgent: 'demo',
    roots: [cwd],
    folder: join(folder, 'sessions'),
    agentRegistry: join(folder, 'agents'),
    env: { ...process.env, PARLEY_DEMO_PACE: '0' },
  });
  onTestFinished(async () => {
    await host.drain();
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    host,
    cwd,
    say: (session: string, content: string) => host.submit(owner, session, { type: 'user_message', content }),
    /** The whole log of a session, once it has an event that fits. */
    async until(session: string, fits: (event: Event) => boolean): Promise<Event[]> {
      const feed = host.feed(owner, session);
      for (;;) {
        const { latest } = feed;
        const stored = await log.read(session, 0, { events: 100_000, bytes: 1e9 });
        const events = stored.map(({ frame }) => (JSON.parse(frame) as EventFrame).payload);
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
