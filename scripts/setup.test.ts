import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
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
import { findInstallProblem } from './install-state.mjs';
import { checkNode, ensureBuilt, ensureInstalled, repository } from './setup.mjs';

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
    mkdirSync(join(folder, 'tiny', 'lib'), { recursive: true });
    write('tiny/package.json', { name: 'tiny', version: '1.0.0', bin: { tiny: 'lib/a.js' } });
    write('tiny/lib/a.js', '');
    write('tiny/lib/b.js', '');
    write('.npmrc', 'install-links=true\n');
    write('package.json', { name: 'project', version: '1.0.0', private: true, dependencies: { tiny: 'file:tiny' } });
    runNpm('install', '--package-lock-only');
  });

  test('is made when node_modules is missing, and shows what it does', async () => {
    expect(findInstallProblem(folder)).toBe('node_modules is missing');
    await ensureInstalled(folder, print);
    expect(existsSync(join(folder, 'node_modules/tiny/lib/b.js'))).toBe(true);
    expect(lines[0]).toBe('Installing 1 packages (node_modules is missing) …');
    expect(lines.at(-1)).toMatch(/^ {2}installed in \d+ s$/);
  });

  test('is left alone, in silence, when it is whole', async () => {
    await ensureInstalled(folder, print);
    lines = [];
    await ensureInstalled(folder, print);
    expect(lines).toEqual([]);
  });

  test('that was made by hand is accepted', () => {
    runNpm('ci');
    expect(findInstallProblem(folder)).toBeUndefined();
  });

  test('that was cut short is noticed and mended', async () => {
    await ensureInstalled(folder, print);
    rmSync(join(folder, 'node_modules/.package-lock.json'));
    expect(findInstallProblem(folder)).toBe('an earlier install did not finish');
    await ensureInstalled(folder, print);
    expect(findInstallProblem(folder)).toBeUndefined();
  });

  test('that lost a package, a part of one, or a command is mended', async () => {
    await ensureInstalled(folder, print);
    expect(findInstallProblem(folder)).toBeUndefined();
    rmSync(join(folder, 'node_modules/tiny/lib/b.js'));
    expect(findInstallProblem(folder)).toBe('files of tiny are missing from node_modules');
    await ensureInstalled(folder, print);
    rmSync(join(folder, 'node_modules/.bin/tiny'));
    expect(findInstallProblem(folder)).toBe('files of .bin are missing from node_modules');
    await ensureInstalled(folder, print);
    rmSync(join(folder, 'node_modules/tiny'), { recursive: true });
    expect(findInstallProblem(folder)).toBe('tiny is missing from node_modules');
    await ensureInstalled(folder, print);
    expect(existsSync(join(folder, 'node_modules/tiny/lib/b.js'))).toBe(true);
  });

  test('whose package.json was cut off is mended', async () => {
    await ensureInstalled(folder, print);
    write('node_modules/tiny/package.json', '{"name": "ti');
    await ensureInstalled(folder, print);
    expect(JSON.parse(readFileSync(join(folder, 'node_modules/tiny/package.json'), 'utf8')).version).toBe('1.0.0');
  });

  test('is made anew when package-lock.json has changed since', async () => {
    await ensureInstalled(folder, print);
    const text = readFileSync(join(folder, 'package-lock.json'), 'utf8');
    write('package-lock.json', text.replaceAll('node_modules/tiny', 'node_modules/other'));
    expect(findInstallProblem(folder)).toBe('other 1.0.0 is not installed yet');
    write('tiny/package.json', { name: 'tiny', version: '1.0.1' });
    write(
      'package-lock.json',
      text.replace(
        '"node_modules/tiny": {\n      "version": "1.0.0"',
        '"node_modules/tiny": {\n      "version": "1.0.1"',
      ),
    );
    expect(findInstallProblem(folder)).toBe('tiny is installed as 1.0.0, package-lock.json wants 1.0.1');
  });

  test('that holds what package-lock.json no longer names is stale', async () => {
    await ensureInstalled(folder, print);
    write('package.json', { name: 'project', version: '1.0.0', private: true });
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
    delete lock.packages['node_modules/tiny'];
    delete lock.packages[''].dependencies;
    write('package-lock.json', lock);
    expect(findInstallProblem(folder)).toBe('tiny is no longer in package-lock.json');
    await ensureInstalled(folder, print);
    expect(findInstallProblem(folder)).toBeUndefined();
  });

  test('that was copied from another kind of machine is stale', async () => {
    await ensureInstalled(folder, print);
    const file = 'node_modules/.package-lock.json';
    const installed = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    installed.packages['node_modules/tiny'].os = ['beos'];
    write(file, installed);
    expect(findInstallProblem(folder)).toBe('tiny was installed for another kind of machine');
  });

  test('that npm refuses ends with what npm said', async () => {
    write('package.json', {
      name: 'project',
      version: '1.0.0',
      private: true,
      dependencies: { absent: 'file:absent' },
    });
    await expect(ensureInstalled(folder, print)).rejects.toThrow(/npm error.*absent.*`npm ci` in .* failed/s);
  });

  test('killed half-way, npm with it, is mended by the next one', async () => {
    const { child, ended } = await startSetup();
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
    await ensureInstalled(folder, print);
    expect(findInstallProblem(folder)).toBeUndefined();
  });

  test('whose npm outlives whoever started it is waited for', async () => {
    const { child, ended } = await startSetup();
    child.kill('SIGKILL');
    await ended;
    await ensureInstalled(folder, print);
    expect(lines[0]).toBe('Waiting for an install that runs already …');
    expect(findInstallProblem(folder)).toBeUndefined();
  });

  /** Starts an install in a process group of its own; npm runs when this resolves. */
  async function startSetup(): Promise<{ child: ChildProcess; ended: Promise<unknown> }> {
    const child = spawn(process.execPath, [join(repository, 'scripts/setup.mjs'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return { child, ended };
  }
});

describe('Node', () => {
  test('older than package.json says is refused with both versions', () => {
    expect(() => checkNode('20.18.3', '>=20.19')).toThrow('Parley needs Node 20.19 or later; this is Node 20.18.3.');
    expect(() => checkNode('18.20.0', '>=20.19')).toThrow('Node 18.20.0');
  });

  test('of that version or later is accepted', () => {
    for (const version of ['20.19.0', '20.20.1', '22.1.0']) checkNode(version, '>=20.19');
  });
});

describe('a build', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'packages/one/src'), { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
    write('tsconfig.json', { files: [], references: [{ path: 'packages/one' }] });
    write('packages/one/tsconfig.json', {
      compilerOptions: {
        composite: true,
        rootDir: 'src',
        outDir: 'dist',
        tsBuildInfoFile: 'dist/.tsbuildinfo',
        types: [],
      },
      include: ['src'],
    });
    write('packages/one/src/index.ts', 'export const one = 1;\n');
  });
  const output = (): string => readFileSync(join(folder, 'packages/one/dist/index.js'), 'utf8');

  test('is made when there is none, made anew when a source changed, and restored when a file of it is lost', () => {
    ensureBuilt(folder, print);
    expect(lines).toEqual(['Building the packages …']);
    expect(output()).toContain('one = 1');
    write('packages/one/src/index.ts', 'export const one = 2;\n');
    ensureBuilt(folder, print);
    expect(output()).toContain('one = 2');
    rmSync(join(folder, 'packages/one/dist/index.js'));
    ensureBuilt(folder, print);
    expect(output()).toContain('one = 2');
  });

  test('that fails shows what the compiler said', () => {
    write('packages/one/src/index.ts', 'export const one: string = 1;\n');
    expect(() => ensureBuilt(folder, print)).toThrow(/src\/index\.ts.*The packages do not build/s);
  });
});

function runNpm(...args: string[]): void {
  execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'pipe' });
}

function write(path: string, content: string | object): void {
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
}
