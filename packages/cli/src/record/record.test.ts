import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { itInAll, shareOf } from '../../../../scripts/test-forms.js';
import { holdTurns, startServer } from '../../test/hold-turns.js';
import { BIN, runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

describe('a recording', () => {
  itInAll('is played by parley replay to any client that starts it as an agent', async () => {
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
    const events = await holdTurns(server, ['Please implement a sort function.']);
    expect(events.at(-1)).toMatchObject({ type: 'turn_completed', status: 'completed' });
    const { code, stderr } = await runParley(['replay', config]).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('parley.yaml:1: expected the header of a cassette')]);
  });

  it.each(shareOf(['codex', 'claude'], 2))(
    'of %s comes with the package and runs a session of the server',
    async (name) => {
      const tape = fileURLToPath(new URL(`../../../agents/cassettes/${name}.jsonl`, import.meta.url));
      const server = await startServer(['--agent', `replay:${tape}`]);
      const before = 'export function sort(values: number[]): number[] {\n  return values;\n}\n';
      await writeFile(join(server.project, 'sort.ts'), before);
      const events = await holdTurns(server, ['Please implement a sort function.', 'Something else.']);
      expect(events.filter(({ type }) => type === 'unknown' || type === 'notice')).toEqual([]);
      expect(await readFile(join(server.project, 'sort.ts'), 'utf8')).toContain('[...values].sort(');
      const ends = events.filter((event) => event.type === 'turn_completed');
      expect(ends).toMatchObject([
        { status: 'completed', cause: 'end_turn' },
        {
          status: 'failed',
          error: { message: expect.stringContaining('expected "Write it down, please.", got "Some') },
        },
      ]);
    },
  );

  itInAll('that cannot be played says so in the banner, with the line', async () => {
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
