import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveCwd } from './roots.js';

let folder: string;
let root: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-roots-')));
  root = join(folder, 'root');
  mkdirSync(join(root, 'project'), { recursive: true });
  mkdirSync(join(folder, 'root-beside'));
  writeFileSync(join(root, 'file'), '');
  symlinkSync(folder, join(root, 'out'));
  symlinkSync(join(root, 'project'), join(folder, 'in'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('takes a root itself, what lies below it, and a link that leads there', async () => {
  expect(await resolveCwd(root, [root])).toBe(root);
  expect(await resolveCwd(join(root, 'project'), [root])).toBe(join(root, 'project'));
  expect(await resolveCwd(join(folder, 'in'), [root])).toBe(join(root, 'project'));
});

it.each([
  ['a relative path', () => 'project', /expected an absolute path/],
  ['a path that does not exist', () => join(root, 'none'), /expected an existing directory/],
  ['a file', () => join(root, 'file'), /expected an existing directory/],
  ['a folder outside', () => folder, /expected a directory inside/],
  ['a folder outside whose name begins alike', () => join(folder, 'root-beside'), /expected a directory inside/],
  ['a way out by dots', () => join(root, 'project', '..', '..'), /expected a directory inside/],
  ['a way out by a link', () => join(root, 'out'), /expected a directory inside/],
])('refuses %s, naming the place', async (_, cwd, message) => {
  await expect(resolveCwd(cwd(), [root])).rejects.toMatchObject({
    code: 'InvalidRequest',
    reason: expect.stringMatching(message),
    details: [{ pointer: '/body/cwd' }],
  });
});
