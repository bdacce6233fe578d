import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import { repository } from './changed-documents.js';
import { type Ended, runScript } from './run-command.js';
import { makeFolder } from './world.js';

const here = import.meta.dirname;
const TSC = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');

/** A program with a client from an independent generator. */
export interface GeneratedApplication {
  /** The result of the compiler for both. */
  readonly compiled: Ended;
  /** Does the main job. */
  run(world: { url: string; token: string; project: string }): Promise<Ended>;
}

/** Generates a client of a document, with run-time checks of its answers, and compiles application/ with it, strictly. */
export async function generateApplication(document: string): Promise<GeneratedApplication> {
  const folder = await makeFolder();
  const output = join(folder, 'dist');
  await createClient({
    input: document,
    output: { path: join(folder, 'client'), importFileExtension: '.js' },
    logs: { level: 'silent', file: false },
    plugins: [
      '@hey-api/client-fetch',
      '@hey-api/typescript',
      'zod',
      { name: '@hey-api/sdk', validator: { response: 'zod', request: false } },
    ],
  });
  await copyFile(join(here, 'application', 'main-job.ts'), join(folder, 'main-job.ts'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  await symlink(join(here, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(output);
  const options = {
    extends: join(repository, 'tsconfig.base.json'),
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      typeRoots: [join(repository, 'node_modules', '@types')],
      types: ['node'],
      outDir: output,
    },
    include: ['main-job.ts', 'client/**/*.ts'],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(options));
  const compiled = await runScript(TSC, ['-p', folder]);
  return {
    compiled,
    run: ({ url, token, project }) => runScript(join(output, 'main-job.js'), [url, token, project]),
  };
}
