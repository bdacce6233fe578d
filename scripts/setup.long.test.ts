import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkNode, ensureBuilt, ensureInstalled, findInstallProblem, repository } from './setup.mjs';

let folder: string;
let lines: string[];
const print = (line: string): void => void lines.push(line);

beforeEach(() => {
  lines = [];
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-setup-')));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('an install', () => {
  /** A project with one dependency that lies in a folder beside it, so that npm needs no network. */
  beforeEach(() => {
    mkdirSync(join(folder, 'tiny'));
    write('tiny/package.json', { name: 'tiny', version: '1.0.0' });
    write('.npmrc', 'install-links=true\n');
    write('package.json', { name: 'project', version: '1.0.0', private: true, dependencies: { tiny: 'file:tiny' } });
    const args = ['install', '--package-lock-only', '--offline', '--no-audit', '--no-fund'];
    execFileSync('npm', args, { cwd: folder, stdio: 'pipe' });
  });

  test('is made where there is none, shows what it does, and is then left alone in silence', async () => {
    expect(findInstallProblem(folder)).toBe('node_modules is missing');
    await ensureInstalled(folder, print);
    expect(existsSync(join(folder, 'node_modules/tiny/package.json'))).toBe(true);
    expect(lines[0]).toBe('Installing 1 packages (node_modules is missing) …');
    expect(lines.at(-1)).toMatch(/^ {2}installed in \d+ s$/);
    lines = [];
    await ensureInstalled(folder, print);
    expect(lines).toEqual([]);
  });

  test('that was cut short, or has lost a package, is made anew', async () => {
    await ensureInstalled(folder, print);
    rmSync(join(folder, 'node_modules/tiny'), { recursive: true });
    expect(findInstallProblem(folder)).toBe('node_modules/tiny is missing');
    rmSync(join(folder, 'node_modules/.package-lock.json'));
    expect(findInstallProblem(folder)).toBe('an earlier install did not finish');
    await ensureInstalled(folder, print);
    expect(findInstallProblem(folder)).toBeUndefined();
    expect(existsSync(join(folder, 'node_modules/tiny/package.json'))).toBe(true);
  });

  test('is made anew when package-lock.json has changed since', async () => {
    await ensureInstalled(folder, print);
    const text = readFileSync(join(folder, 'package-lock.json'), 'utf8');
    write('package-lock.json', text.replaceAll('node_modules/tiny', 'node_modules/other'));
    expect(findInstallProblem(folder)).toBe('node_modules/other is not what package-lock.json wants');
    write('package-lock.json', text.replace(/("node_modules\/tiny": \{\s+"version": )"1.0.0"/, '$1"1.0.1"'));
    expect(findInstallProblem(folder)).toBe('node_modules/tiny is not what package-lock.json wants');

    write('package.json', { name: 'project', version: '1.0.0', private: true });
    const lock = JSON.parse(text);
    delete lock.packages['node_modules/tiny'];
    delete lock.packages[''].dependencies;
    write('package-lock.json', lock);
    expect(findInstallProblem(folder)).toBe('node_modules/tiny is no longer in package-lock.json');
    await ensureInstalled(folder, print);
    expect(findInstallProblem(folder)).toBeUndefined();
  });

  test('that npm refuses ends with what npm said', async () => {
    const dependencies = { absent: 'file:absent' };
    write('package.json', { name: 'project', version: '1.0.0', private: true, dependencies });
    await expect(ensureInstalled(folder, print)).rejects.toThrow(/npm error.*absent.*`npm ci` in .* failed/s);
  });
});

test('Node older than package.json says is refused with both versions', () => {
  expect(() => checkNode('20.18.3', '>=20.19')).toThrow('Parley needs Node 20.19 or later; this is Node 20.18.3.');
  expect(() => checkNode('18.20.0', '>=20.19')).toThrow('Node 18.20.0');
  for (const version of ['20.19.0', '20.20.1', '22.1.0']) checkNode(version, '>=20.19');
});

describe('a build', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'packages/one/src'), { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
    write('tsconfig.json', { files: [], references: [{ path: 'packages/one' }] });
    const output = { composite: true, rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo', types: [] };
    write('packages/one/tsconfig.json', { compilerOptions: output, include: ['src'] });
    write('packages/one/src/index.ts', 'export const one = 1;\n');
  });
  const output = (): string => readFileSync(join(folder, 'packages/one/dist/index.js'), 'utf8');

  test('is made when there is none, and made anew when a source has changed', () => {
    ensureBuilt(folder, print);
    expect(lines).toEqual(['Building the packages …']);
    expect(output()).toContain('one = 1');
    write('packages/one/src/index.ts', 'export const one = 2;\n');
    ensureBuilt(folder, print);
    expect(output()).toContain('one = 2');
  });

  test('that fails shows what the compiler said', () => {
    write('packages/one/src/index.ts', 'export const one = ;\n');
    expect(() => ensureBuilt(folder, print)).toThrow(/src\/index\.ts.*The packages do not build/s);
  });
});

function write(path: string, content: string | object): void {
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
}
