import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { fill, look, openProject } from '../../../test/isolated.js';
import { LandingLeft } from './landing-disturbed.js';

const nothing = async () => undefined;
const REST = 'two\nthree\nfour\n';

/** An isolated workspace whose patch changes these files, and a git that does something of the user's before it stages. */
async function openDisturbed(files: readonly string[], script: (cwd: string) => string) {
  const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  const bin = join((await openProject()).folder, 'bin');
  mkdirSync(bin);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const opened = await openProject(Object.fromEntries(files.map((name) => [name, `${name}\n${REST}`])), true, { env });
  const workspace = await opened.open();
  for (const name of files) fill(workspace.folder, { [name]: `new ${name}\n${REST}` });
  const change = await workspace.pending([]);
  if (change === undefined) throw new Error('nothing is pending');
  const count = join(bin, 'count');
  writeFileSync(count, '0');
  const lines = [
    ...['#!/bin/sh', 'if [ "$1" = checkout-index ]; then', `  n=$(($(cat ${count}) + 1)); echo $n > ${count}`],
    ...[`  ${script(opened.cwd)}`, 'fi', `exec ${git} "$@"`, ''],
  ];
  writeFileSync(join(bin, 'git'), lines.join('\n'), { mode: 0o755 });
  const calm = () => writeFileSync(join(bin, 'git'), `#!/bin/sh\nexec ${git} "$@"\n`, { mode: 0o755 });
  const read = (name: string) => readFileSync(join(opened.cwd, name), 'utf8');
  return { ...opened, workspace, change, calm, read, journal: join(opened.folder, 'session-1', 'landing.json') };
}

it('files that are saved while a landing is taken back are taken back from what they are by then', async () => {
  const { workspace, change, read, journal } = await openDisturbed(['a', 'b'], (cwd) => {
    return `[ $n = 1 ] && echo user >> ${cwd}/b; [ $n = 2 ] && echo user >> ${cwd}/a`;
  });
  const problems = await workspace.apply(change, nothing);
  expect(problems).toEqual([{ path: 'b', reason: 'is being changed right now' }]);
  expect([read('a'), read('b')]).toEqual([`a\n${REST}user\n`, `b\n${REST}user\n`]);
  expect(existsSync(journal)).toBe(false);
});

it('files that are saved all the time are named, and the next command takes them back', async () => {
  const { workspace, change, calm, read, journal } = await openDisturbed(['a', 'b'], (cwd) => {
    return `[ $n = 1 ] && echo user >> ${cwd}/b; [ $n != 1 ] && { cp ${cwd}/a ${cwd}/.a; mv ${cwd}/.a ${cwd}/a; }`;
  });
  const failure = await workspace.apply(change, nothing).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LandingLeft);
  expect(failure).toMatchObject({ problems: [{ path: 'a', reason: 'is being changed right now' }] });
  expect(existsSync(journal)).toBe(true);
  calm();
  expect(await workspace.recover([])).toEqual([]);
  expect([read('a'), read('b')]).toEqual([`a\n${REST}`, `b\n${REST}user\n`]);
});

it('a landing that broke off is taken back in its own directory alone, once that is there again', async () => {
  const { cwd, folder, workspace, change, journal } = await openDisturbed(['a', 'b'], () => ':');
  let intent = '';
  await workspace.apply(change, async () => {
    intent = readFileSync(journal, 'utf8');
  });
  const landed = look(cwd);
  writeFileSync(journal, intent);
  const gone = [{ path: '.', reason: 'the working directory is not there any more' }];
  renameSync(cwd, join(folder, 'moved'));
  expect(await workspace.recover([])).toEqual(gone);
  symlinkSync('moved', cwd);
  expect(await workspace.recover([])).toEqual(gone);
  expect(look(join(folder, 'moved'))).toEqual(landed);
  execFileSync('rm', [cwd]);
  renameSync(join(folder, 'moved'), cwd);
  expect(await workspace.recover([])).toEqual([]);
  expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe(`a\n${REST}`);
});
