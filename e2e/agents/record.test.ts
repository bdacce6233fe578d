import { copyFile, readdir, readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { SessionEvent } from '@parleyhq/client';
import { expect, test } from 'vitest';
import { files, holdConversation, script } from './conversation.js';
import { startWorld } from './world.js';

/** A folder that the cassettes are kept in, to ship them anew. */
const { PARLEY_CASSETTES: keep } = process.env;

test.concurrent.for(['codex', 'claude'] as const)(
  'what %s does is recorded, and the recording does it again',
  async (agent, context) => {
    await using world = await startWorld(context, agent, { script, files, args: ['--record', 'recorded'] });
    const events = await holdConversation(world.client, agent, world.cwd);
    const folder = join(world.home, 'recorded');
    const [name = '', ...others] = await readdir(folder);
    expect(others).toEqual([]);
    const cassette = await readFile(join(folder, name), 'utf8');
    for (const secret of [world.cwd, world.home, world.model.url, homedir(), hostname(), 'not-a-real-key']) {
      expect(cassette).not.toContain(secret);
    }
    if (keep) await copyFile(join(folder, name), join(keep, `${agent}.jsonl`));

    const args = ['--agent', `replay:${join(folder, name)}`];
    await using second = await startWorld(context, 'replay', { script: {}, files, args });
    const again = await holdConversation(second.client, 'replay', second.cwd);
    expect(second.model.requests).toEqual([]);
    expect(outcome(again, second.cwd)).toEqual(outcome(events, world.cwd));
    for (const file of ['sort.ts', 'NOTES.md']) expect(await second.readFile(file)).toBe(await world.readFile(file));
  },
);

/** What a session came to: its finished items, what was asked, and how its turns ended. */
function outcome(events: readonly SessionEvent[], cwd: string): unknown {
  const facts = events.flatMap((event): unknown[] => {
    if (event.type === 'item_completed') return [{ ...event.item, item_id: '' }];
    if (event.type === 'approval_requested') return [event.approval.options];
    return event.type === 'turn_completed' ? [[event.status, event.cause, event.usage]] : [];
  });
  return JSON.parse(JSON.stringify(facts).replaceAll(cwd, 'PROJECT'));
}
