import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type SessionEvent } from '@parleyhq/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BIN, runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

/** Starts a server for a project and connects to it. */
async function startServer(args: readonly string[], env: Record<string, string> = {}) {
  const { folder, project, data } = await temporaryFolder();
  const options = { cwd: project, env: { PARLEY_DEMO_PACE: '0', PARLEY_REPLAY_SPEED: 'max', ...env } };
  const { said, child, ended } = runParley(['serve', '--port', '0', '--data-dir', data, ...args], options);
  const [banner, baseUrl = ''] = await said('stdout', /listening at (\S+)[\s\S]*Ctrl-C/);
  const token = (await readFile(join(data, 'access-token'), 'utf8')).trim();
  const client = createClient({ baseUrl, token });
  onTestFinished(() => client[Symbol.asyncDispose]());
  const close = async () => {
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  };
  return { folder, project, banner, client, close };
}

/** Says something to the default agent, allows everything, and gives the turn's events. */
async function hold({ client, project }: Awaited<ReturnType<typeof startServer>>, prompts: readonly string[]) {
  await using session = await client.sessions.create({ cwd: project });
  const events: SessionEvent[] = [];
  for (const prompt of prompts) {
    const turn = await session.submit(prompt);
    for await (const event of turn) {
      events.push(event);
      if (event.type === 'approval_requested') await session.approve(event.approval);
    }
  }
  return events;
}

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
    const events = await hold(recording, prompts);
    await recording.close();
    const tape = await onlyFile(join(recording.project, 'tapes'));

    const replay = await startServer(['--agent', `replay:${tape}`]);
    expect(replay.banner).toContain('replay (default): ready');
    const again = await hold(replay, prompts);
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
    const events = await hold(recording, prompts);
    await recording.close();

    await writeFile(config, JSON.stringify({ agent: 'tape', agents: [{ name: 'tape', replay: './tape.jsonl' }] }));
    const replay = await startServer(['--config', config]);
    expect(facts(await hold(replay, prompts), replay.project)).toEqual(facts(events, recording.project));
  });

  it('is played by parley replay to any client that starts it as an agent', async () => {
    const { folder } = await temporaryFolder();
    const tape = fileURLToPath(new URL('../../../agents/cassettes/codex.jsonl', import.meta.url));
    const config = join(folder, 'parley.yaml');
    const agent = {
      name: 'mine',
      command: process.execPath,
      args: [BIN, 'replay', tape],
      pass_env: ['PARLEY_REPLAY_*'],
    };
    await writeFile(config, JSON.stringify({ agent: 'mine', agents: [agent] }));
    const server = await startServer(['--config', config]);
    const events = await hold(server, ['Please implement a sort function.']);
    expect(events.at(-1)).toMatchObject({ type: 'turn_completed', status: 'completed' });
    const { code, stderr } = await runParley(['replay', config]).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('parley.yaml:1: expected the header of a cassette')]);
  });

  it.each(['codex', 'claude'])('of %s comes with the package and runs a session of the server', async (name) => {
    const tape = fileURLToPath(new URL(`../../../agents/cassettes/${name}.jsonl`, import.meta.url));
    const server = await startServer(['--agent', `replay:${tape}`]);
    const before = 'export function sort(values: number[]): number[] {\n  return values;\n}\n';
    await writeFile(join(server.project, 'sort.ts'), before);
    const events = await hold(server, ['Please implement a sort function.', 'Something else.']);
    expect(events.filter(({ type }) => type === 'unknown' || type === 'notice')).toEqual([]);
    expect(await readFile(join(server.project, 'sort.ts'), 'utf8')).toContain('[...values].sort(');
    const ends = events.filter((event) => event.type === 'turn_completed');
    expect(ends).toMatchObject([
      { status: 'completed', cause: 'end_turn' },
      { status: 'failed', error: { message: expect.stringContaining('expected "Write it down, please.", got "Some') } },
    ]);
  });

  it('that cannot be played says so in the banner, with the line', async () => {
    const { folder } = await temporaryFolder();
    const tape = join(folder, 'bad.jsonl');
    await writeFile(tape, '{"cassette":1,"recorded_at":0,"agent":"x"}\nwhat?\n');
    const { banner } = await startServer([], { PARLEY_AGENT: `replay:${tape}` });
    expect(banner).toContain(`replay (default): ${tape}:2: expected a JSON object, got what?`);
  });
});

describe('parley record', () => {
  it('says what is wrong and ends with 1, or 2 without a command', async () => {
    const { folder, project } = await temporaryFolder();
    const record = async (...args: string[]) => {
      const { code, stderr } = await runParley(['record', ...args], { cwd: project }).ended;
      return [code, stderr];
    };
    const { code, stderr } = await runHere(['record'], { cwd: project });
    expect([code, stderr]).toEqual([2, expect.stringContaining("missing required argument 'command'")]);
    expect(await record('--', 'no-such-agent')).toEqual([
      1,
      'parley: could not run no-such-agent: no such command was found\n',
    ]);
    const file = join(folder, 'none', 'tape.jsonl');
    expect(await record('-o', file, '--', 'cat')).toEqual([
      1,
      expect.stringContaining(`could not write ${file}: ENOENT`),
    ]);
    expect(await readdir(project)).toEqual([]);
  });
});
