import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changedDocuments, repository, writeChanged } from './changed-documents.js';
import { changedAnswers, startChangingProxy } from './changing-proxy.js';
import { type Ended, runScript } from './run-command.js';
import { makeFolder, startWorld, type World } from './world.js';

const REDOCLY = join(repository, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js');
const WORKFLOW = join(repository, 'examples', 'main-job.arazzo.yaml');

/** Has Respect do the main job, by a workflow that stands in a folder beside the document. */
function respect(workflow: string, { url, token, project }: World): Promise<Ended> {
  const inputs = ['--input', `token=${token}`, '--input', `cwd=${project}`];
  // What is against the contract does not become right by waiting: each request has 10 seconds, and all have a minute.
  const limits = ['--max-fetch-timeout', '10000', '--execution-timeout', '60000'];
  return runScript(REDOCLY, ['respect', workflow, '--server', `parley=${url}`, ...inputs, ...limits], {
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  });
}

describe('Respect', () => {
  test('does the main job as the Arazzo document says', async () => {
    const world = await startWorld();
    const { code, output } = await respect(WORKFLOW, world);
    expect(output).toContain('Workflows: 1 passed, 1 total');
    expect(code).toBe(0);
    expect(await readFile(join(world.project, 'sort.ts'), 'utf8')).toContain('export function sort');
    expect(output).not.toContain(world.token);
  });

  test.each(changedAnswers)('is against $title', async (changed) => {
    const world = await startWorld();
    const { code, output } = await respect(WORKFLOW, { ...world, url: await startChangingProxy(world.url, changed) });
    expect(output).toContain('✗ schema check');
    expect(code).toBe(1);
  });

  test.each(changedDocuments)('is against a document with $title', async (changed) => {
    const folder = await makeFolder();
    await writeChanged(folder, changed);
    const workflow = join(folder, 'examples', 'main-job.arazzo.yaml');
    await mkdir(dirname(workflow));
    await copyFile(WORKFLOW, workflow);
    const { code, output } = await respect(workflow, await startWorld());
    expect(output).toContain('✗ schema check');
    expect(code).toBe(1);
  });

  test('is against a file that was not written', async () => {
    const world = await startWorld();
    const { code, output } = await respect(WORKFLOW, {
      ...world,
      url: await startChangingProxy(world.url, {
        title: 'a patch that is another one',
        method: 'POST',
        path: /\/apply_patch$/,
        change: ({ status, body }) => ({ status, body: { ...body, patch_id: '550e8400-e29b-41d4-a716-446655440000' } }),
      }),
    });
    expect(output).toContain('✗ success criteria check');
    expect(code).toBe(1);
  });
});
