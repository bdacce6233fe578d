import { describe, expect, test } from 'vitest';
import { changedDocuments, openapi, writeChanged } from '../changed-documents.js';
import { changedAnswers, startChangingProxy } from '../changing-proxy.js';
import { makeFolder, startWorld } from '../world.js';
import { connectThrough, doSdkJob } from './sdk-job.js';
import { startPrism } from './start-prism.js';

describe('Prism between the SDK and the server', () => {
  test('has nothing against what they say', async () => {
    const world = await startWorld();
    const prism = await startPrism(openapi, world.url);
    await using through = connectThrough(prism, world);
    expect(await doSdkJob(through.client, world.project)).toEqual({
      files: ['sort.ts'],
      ended: 'completed',
      refused: ['NoPendingPatch', 'CursorAhead', 'SessionNotFound', 'InvalidRequest', 'SessionClosed'],
    });
    expect(through.violations).toEqual([]);
  });

  test.each(changedAnswers)('is against $title', async (changed) => {
    const world = await startWorld();
    const prism = await startPrism(openapi, await startChangingProxy(world.url, changed));
    await using through = connectThrough(prism, world);
    await expect(doSdkJob(through.client, world.project)).rejects.toThrow();
    expect(through.violations).not.toEqual([]);
  });

  test.each(changedDocuments)('is against a document with $title', async (changed) => {
    const world = await startWorld();
    const prism = await startPrism(await writeChanged(await makeFolder(), changed), world.url);
    await using through = connectThrough(prism, world);
    await expect(doSdkJob(through.client, world.project)).rejects.toThrow();
    expect(through.violations).not.toEqual([]);
  });

  test('is against a request that the document does not describe', async () => {
    const world = await startWorld();
    const response = await fetch(`${await startPrism(openapi, world.url)}/api/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ cwd: world.project, colour: 'red' }),
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ type: 'https://stoplight.io/prism/errors#UNPROCESSABLE_ENTITY' });
  });
});
