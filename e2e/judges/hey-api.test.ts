import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changedDocuments, openapi, writeChanged } from './changed-documents.js';
import { changedAnswers, startChangingProxy } from './changing-proxy.js';
import { generateApplication } from './generated-application.js';
import { makeFolder, startWorld } from './world.js';

describe("Hey API's generator", () => {
  test('makes a client that compiles, does the main job, and takes no answer that the document does not have', async () => {
    const { compiled, run } = await generateApplication(openapi);
    expect(compiled).toEqual({ code: 0, output: '' });

    const world = await startWorld();
    const { code, output } = await run(world);
    expect({ code, output: JSON.parse(output) }).toEqual({
      code: 0,
      output: { files: ['sort.ts'], ends: ['completed'], status: 'closed' },
    });
    expect(await readFile(join(world.project, 'sort.ts'), 'utf8')).toContain('export function sort');

    for (const changed of changedAnswers) {
      const ended = await run({ ...world, url: await startChangingProxy(world.url, changed) });
      expect(ended.code, changed.title).toBe(1);
      expect(ended.output, changed.title).toMatch(/ZodError|expected 200, got/);
    }
  });

  test.each(changedDocuments)('makes no client that compiles of a document with $title', async (changed) => {
    const { compiled } = await generateApplication(await writeChanged(await makeFolder(), changed));
    expect(compiled.output).toContain('main-job.ts');
    expect(compiled.code).toBe(2);
  });
});
