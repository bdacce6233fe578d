import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { temporaryFolder } from '../../test/cassettes.js';
import { fixture, message, open } from '../../test/open-fixture.js';
import { recordAgentInto } from '../cassette/recorded-agent.js';
import { demo, demoInMemory } from '../catalog/presets.js';
import { fillWrapper } from './wrapper.js';

/** A sandbox that only tells its arguments on stderr, and then is the command behind `--`. */
const TELLING = [
  process.execPath,
  '-e',
  `const args = process.argv.slice(1);
   const [command, ...rest] = args.slice(args.indexOf('--') + 1);
   process.stderr.write(JSON.stringify(args.slice(0, args.indexOf('--'))));
   const { spawn } = require('node:child_process');
   spawn(command, rest, { stdio: 'inherit' }).on('exit', (code) => process.exit(code));`,
  'first',
];

const places = { cwd: '/a b/{home}', workspace: '/a b', data_dir: undefined, home: '/root' };

test('each argument stays one, and what a path holds is not looked at again', () => {
  expect(fillWrapper(['x', '--bind={cwd}:{workspace}', '{home}/.codex', '{', '{"a":1}'], places)).toEqual([
    'x',
    '--bind=/a b/{home}:/a b',
    '/root/.codex',
    '{',
    '{"a":1}',
  ]);
  expect(() => fillWrapper(['x', '{data_dir}'], places)).toThrow(
    'the wrapper contains {data_dir}, which has no value here',
  );
});

test('no shell is in between, whatever a folder is called', async () => {
  const folder = await realpath(await temporaryFolder());
  const cwd = join(folder, `$(touch ran) '"; touch ran; {cwd}`);
  await mkdir(cwd);
  const wrapper = [...TELLING, '{cwd}', '{workspace}', '{data_dir}', '{home}', '--'];
  const options = { cwd, workspace: folder, dataDir: join(folder, 'data'), env: { ...process.env, HOME: '/home/ada' } };
  await using agent = await open({ ...demo, wrapper }, options);
  await agent.close();
  const { stderrTail } = await agent.exited;
  expect(JSON.parse(stderrTail)).toEqual(['first', cwd, folder, join(folder, 'data'), '/home/ada']);
});

test('a recorder is outside of the sandbox, and an agent in memory is not without it', async () => {
  const folder = await temporaryFolder();
  for (const definition of [recordAgentInto(folder, demo), demoInMemory]) {
    await using agent = await open({ ...definition, wrapper: [...TELLING, '--'] });
    await agent.close();
    expect((await agent.exited).stderrTail).toContain('["first"]');
  }
});

test('the facts of a crash come through a sandbox that passes them on', async () => {
  await using agent = await open({ ...fixture('exit-in-turn'), wrapper: [...TELLING, '--'] });
  const failure = await agent.prompt(message('go')).catch((error: unknown) => error);
  expect(failure).toMatchObject({ kind: 'exit', exitCode: 7, stderrTail: expect.stringContaining('["first"]') });
});
