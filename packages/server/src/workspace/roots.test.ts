import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { problemOfCwd, resolveDirectory } from './roots.js';

let folder: string;
let root: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-roots-')));
  root = join(folder, 'root');
  mkdirSync(join(root, 'project'), { recursive: true });
  mkdirSync(join(folder, 'root-beside'));
  mkdirSync(join(root, 'project/.parley/sessions'), { recursive: true });
  symlinkSync('project/.parley/sessions', join(root, 'kept'));
  writeFileSync(join(root, 'file'), '');
  symlinkSync(folder, join(root, 'out'));
  symlinkSync(join(root, 'project'), join(folder, 'in'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const places = () => ({ roots: [join(folder, 'gone'), root], dataDir: join(root, 'project/.parley') });

it('takes a root itself, what lies below it, and a link that leads there', async () => {
  expect(await resolveDirectory('cwd', root, places())).toBe(root);
  expect(await resolveDirectory('cwd', join(root, 'project'), places())).toBe(join(root, 'project'));
  expect(await resolveDirectory('cwd', join(folder, 'in'), places())).toBe(join(root, 'project'));
});

it.each([
  ['a relative path', () => 'project', /expected an absolute path/],
  ['a path that does not exist', () => join(root, 'none'), /expected an existing directory inside/],
  ['a file', () => join(root, 'file'), /expected an existing directory inside/],
  ['a folder outside', () => folder, /expected an existing directory inside/],
  [
    'a folder outside whose name begins alike',
    () => join(folder, 'root-beside'),
    /expected an existing directory inside/,
  ],
  ['a way out by dots', () => join(root, 'project', '..', '..'), /expected an existing directory inside/],
  [
    "the server's data directory",
    () => join(root, 'project/.parley'),
    /expected a directory outside of the server's data/,
  ],
  ['what is in it, by a link', () => join(root, 'kept'), /expected a directory outside of the server's data/],
  ['a way out by a link', () => join(root, 'out'), /expected an existing directory inside/],
])('refuses %s, naming the place', async (_, cwd, message) => {
  await expect(resolveDirectory('cwd', cwd(), places())).rejects.toMatchObject({
    code: 'InvalidRequest',
    reason: expect.stringMatching(message),
    details: [{ pointer: '/body/cwd' }],
  });
});

it('tells nobody what there is outside of the roots, nor where a link leads', async () => {
  mkdirSync(join(folder, 'secret'));
  symlinkSync(join(folder, 'secret'), join(root, 'link'));
  symlinkSync(join(folder, 'none'), join(root, 'dangling'));
  const refusalOf = async (cwd: string) => {
    const refusal = await resolveDirectory('cwd', cwd, places()).catch((error) => error.reason);
    return refusal.replaceAll(cwd, 'CWD');
  };
  const refusal = await refusalOf(join(folder, 'none'));
  for (const cwd of [join(folder, 'secret'), join(root, 'link'), join(root, 'dangling'), join(root, 'file')]) {
    expect(await refusalOf(cwd)).toBe(refusal);
  }
});

it('refuses a directory around the data directory to an agent that must not see it, and to no other', async () => {
  const project = join(root, 'project');
  expect(await resolveDirectory('cwd', project, places())).toBe(project);
  await expect(resolveDirectory('cwd', project, places(), { apartFromData: true })).rejects.toMatchObject({
    reason: expect.stringContaining(`does not hold the server's data directory ${project}/.parley`),
  });
});

it('finds at the time of use what has become of a directory', async () => {
  const project = join(root, 'project');
  expect(await problemOfCwd(project, places())).toBeUndefined();
  expect(await problemOfCwd(project, { ...places(), roots: [join(folder, 'root-beside')] })).toMatch(
    'in none of the folders',
  );
  expect(await problemOfCwd(project, { ...places(), dataDir: root })).toMatch("in the server's own folder");
  renameSync(project, join(folder, 'moved'));
  expect(await problemOfCwd(project, places())).toMatch('is not there any more');
  symlinkSync(join(folder, 'moved'), project);
  expect(await problemOfCwd(project, places())).toMatch('is behind a link by now');
});
