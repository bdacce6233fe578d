import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SessionEvent } from '@parleyhq/client';
import { describe, expect, it } from 'vitest';
import { holdTurns, startServer } from '../../test/hold-turns.js';
import { BIN, temporaryFolder } from '../../test/run-parley.js';

/** What of events is the same in a replay. */
function facts(events: readonly SessionEvent[], project: string): unknown {
  const items = events.flatMap((event): unknown[] => {
    if (event.type === 'item_completed') return [{ ...event.item, item_id: '' }];
    return event.type === 'turn_completed' ? [event.status] : [];
  });
  return JSON.parse(JSON.stringify(items).replaceAll(project, 'PROJECT'));
}

async function onlyFile(folder: string): Promise<string> {
  const [name = '', ...others] = await readdir(folder);
  expect(others).toEqual([]);
  return join(folder, name);
}

describe('a recording', () => {
  const prompts = ['Write a sort function', '/edits', '/command'];

  it('is made by parley serve --record of each agent, and played by --agent replay:FILE', async () => {
    const recording = await startServer(['--record', 'tapes']);
    const events = await holdTurns(recording, prompts);
    await recording.close();
    const tape = await onlyFile(join(recording.project, 'tapes'));

    const replay = await startServer(['--agent', `replay:${tape}`]);
    expect(replay.banner).toContain('replay (default): ready');
    const again = await holdTurns(replay, prompts);
    expect(facts(again, replay.project)).toEqual(facts(events, recording.project));
    for (const file of ['sort.ts', 'src/index.ts']) {
      expect(await readFile(join(replay.project, file), 'utf8')).toBe(
        await readFile(join(recording.project, file), 'utf8'),
      );
    }
    await expect(replay.client.sessions.create({ cwd: replay.project, agent: `replay:${tape}` })).rejects.toMatchObject(
      {
        code: 'InvalidRequest',
      },
    );
  });

  it('is made by parley record in place of a command, and played by an agent of the configuration', async () => {
    const { folder } = await temporaryFolder();
    const config = join(folder, 'parley.yaml');
    const demo = fileURLToPath(new URL('../../../agents/dist/demo/main.js', import.meta.url));
    const command = [BIN, 'record', '-o', join(folder, 'tape.jsonl'), '--', process.execPath, demo];
    const mine = { name: 'mine', command: process.execPath, args: command, pass_env: ['PARLEY_DEMO_*'] };
    await writeFile(config, JSON.stringify({ agent: 'mine', agents: [mine] }));
    const recording = await startServer(['--config', config]);
    const events = await holdTurns(recording, prompts);
    await recording.close();

    await writeFile(config, JSON.stringify({ agent: 'tape', agents: [{ name: 'tape', replay: './tape.jsonl' }] }));
    const replay = await startServer(['--config', config]);
    expect(facts(await holdTurns(replay, prompts), replay.project)).toEqual(facts(events, recording.project));
  });
});
