import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';

import { readCassette, replayed, temporaryFolder } from '../../test/cassettes.js';
import { fixture, message, open, recorder, said } from '../../test/open-fixture.js';
import { demo } from '../catalog/presets.js';
import { recordAgentInto } from './recorded-agent.js';

const RECORDER = fileURLToPath(new URL('../../dist/cassette/record-main.js', import.meta.url));

/** Runs a command behind the recorder; gives what it wrote, byte for byte, and how it ended. */
async function run(output: string, script: string, input = '', env: Record<string, string> = {}) {
  const args = [RECORDER, output, 'script', process.execPath, '-e', script];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env } });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  child.stdin.end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { stdout: Buffer.concat(pieces), stderr, code, signal };
}

test('an agent behind the recorder is the same agent, and its recording says the same again', async () => {
  const folder = await temporaryFolder();
  const hold = async (definition: typeof demo) => {
    const { events, handler } = recorder({
      requestPermission: async () => ({ outcome: 'selected', optionId: 'allow' }),
    });
    const cwd = await temporaryFolder();
    const env = { ...process.env, PARLEY_DEMO_PACE: '0' };
    await using agent = await open(definition, { cwd, env, handler });
    for (const text of ['/edits', '/plan', 'Please sort.']) await agent.prompt(message(text));
    const facts = JSON.stringify([said(events), agent.info.commands, agent.info.configOptions]);
    return facts.replaceAll(cwd, 'PROJECT');
  };
  const facts = await hold(recordAgentInto(folder, demo));
  const { text, agent, file } = await readCassette(folder);
  expect(agent).toBe('demo');
  expect(text).not.toContain(folder);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await hold(replayed(file))).toBe(facts);
});

itInAll('bytes pass unchanged; lines that are not messages are kept as texts', async () => {
  const folder = await temporaryFolder();
  const script = "process.stdin.pipe(process.stdout); process.stdin.on('end', () => process.stderr.write('over'))";
  const input = 'Loading…\n[1]\n\n{"id":1,"method":"x"}\r\n{"half":';
  const { stdout, stderr, code } = await run(folder, script, input);
  expect([stdout.toString(), code]).toEqual([input, 0]);
  expect(stderr).toContain('over');
  const { entries } = await readCassette(folder);
  const ofAgent = entries.flatMap(({ entry }) => ('from' in entry && entry.from === 'agent' ? [entry] : []));
  expect(ofAgent.map(({ t: _, ...entry }) => entry)).toEqual([
    { from: 'agent', text: 'Loading…' },
    { from: 'agent', text: '[1]' },
    { from: 'agent', message: { id: 1, method: 'x' } },
    { from: 'agent', text: '{"half":' },
  ]);
});

itInAll('a line of 100 MB passes whole, and only its length is kept', async () => {
  const folder = await temporaryFolder();
  const script = "const part = 'x'.repeat(2 ** 20); for (let n = 0; n < 100; n++) process.stdout.write(part)";
  const { stdout } = await run(folder, script);
  expect(stdout.length).toBe(100 * 2 ** 20);
  const { entries } = await readCassette(folder);
  expect(entries.map(({ entry }) => entry)).toMatchObject([{ skipped_bytes: 100 * 2 ** 20 }, { exit: { code: 0 } }]);
});

itInAll('it ends as the agent does: with its code, or by its signal', async () => {
  const folder = await temporaryFolder();
  expect(await run(join(folder, 'code.jsonl'), 'process.exit(7)')).toMatchObject({ code: 7, signal: null });
  const killed = await run(join(folder, 'signal.jsonl'), "process.kill(process.pid, 'SIGKILL')");
  expect(killed).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test('a written cassette survives a kill of all processes', async () => {
  const folder = await temporaryFolder();
  const { handler } = recorder();
  const talked = new Promise<void>((resolve) => {
    handler.events = () => resolve();
  });
  await using agent = await open(recordAgentInto(folder, fixture('hang')), { handler });
  const turn = agent.prompt(message('go')).catch((error: unknown) => error);
  await talked;
  process.kill(-(agent.info.pid ?? Number.NaN), 'SIGKILL');
  expect(await turn).toMatchObject({ kind: 'exit', signal: 'SIGKILL' });
  const { entries } = await readCassette(folder);
  expect(entries.at(-1)?.entry).toMatchObject({ message: { method: 'session/prompt' } });
});

itInAll('a recording is never overwritten, and an agent that cannot be started leaves none', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'one.jsonl');
  await run(file, '');
  expect(await run(file, '')).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file} exists`) });
  const missing = { ...fixture(), command: 'no-such-agent' };
  const empty = await temporaryFolder();
  const start = open(recordAgentInto(empty, missing));
  await expect(start).rejects.toMatchObject({
    stderrTail: expect.stringContaining('could not run no-such-agent: no such command was found'),
  });
  await expect(readCassette(empty)).rejects.toThrow('expected one cassette, got ');
});
