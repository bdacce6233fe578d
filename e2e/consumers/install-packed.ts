import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with the tarballs and their README. */
    packed: string;
    /** An application's folder with all packages installed. */
    application: string;
  }
}

/** Packs the packages and installs them all into the folder of an application, as the README of the packed folder says. */
export function setup(project: TestProject): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-consumers-')));
  const packed = join(folder, 'packed');
  const repository = join(import.meta.dirname, '..', '..');
  execFileSync('npm', ['run', 'pack', '--', packed], { cwd: repository, stdio: ['ignore', 'ignore', 'inherit'] });
  const application = createApplication(join(folder, 'application'));
  install(packed, '@parleyhq/cli', application);
  // Packages that only this suite needs for the application, for example another fetch.
  for (const name of ['undici', 'node-fetch', '@types/node', 'undici-types']) {
    const path = join(application, 'node_modules', name);
    rmSync(path, { recursive: true, force: true });
    symlinkSync(join(import.meta.dirname, 'node_modules', name), path);
  }
  project.provide('packed', packed);
  project.provide('application', application);
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Creates the folder of an application without any packages. */
export function createApplication(folder: string): string {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  return folder;
}

/** Runs the line that the README of the packed folder gives for a package. */
export function install(packed: string, name: string, application: string): void {
  const readme = readFileSync(join(packed, 'README.md'), 'utf8');
  const [, line] = new RegExp(`^\`${name}\`:[^]*?\`\`\`sh\n(.*)\n\`\`\``, 'm').exec(readme) ?? [];
  if (line === undefined) throw new Error(`The README of the packed folder says nothing of ${name}:\n${readme}`);
  execFileSync('sh', ['-c', line], { cwd: application, stdio: ['ignore', 'ignore', 'inherit'] });
}
