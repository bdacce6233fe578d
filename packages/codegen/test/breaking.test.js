import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compareContracts } from '../src/breaking/compare-contracts.js';
import { createContract, readContract } from '../src/breaking/contract.js';
import { breakingEdits, compatibleEdits } from './breaking/edits/edit.js';
import { createOracle } from './breaking/oracle.js';
import { createWorkshop } from './breaking/validators.js';

const [openapi, asyncapi] = ['openapi.yaml', 'asyncapi.yaml'].map((name) =>
  readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8'),
);
const documents = { openapi: parse(openapi), asyncapi: parse(asyncapi) };
const old = readContract({ openapi, asyncapi });
let workshop;
let oracle;

beforeAll(async () => {
  workshop = await createWorkshop();
  oracle = await createOracle(workshop, documents);
});
afterAll(() => workshop.remove());

/** What the gate and the oracle say of an edit. */
async function compareAfter(edit) {
  const edited = structuredClone(documents);
  edit(edited.openapi.components.schemas, edited.openapi, edited.asyncapi);
  const current = createContract({ 'openapi.yaml': edited.openapi, 'asyncapi.yaml': edited.asyncapi });
  return { changes: compareContracts(old, current), verdict: await oracle.judge(edited) };
}

describe('it breaks to', () => {
  it.each(breakingEdits)('%s', async (_, said, edit) => {
    const { changes, verdict } = await compareAfter(edit);
    expect(verdict.invalid).toEqual([]);
    expect(verdict.broken).not.toEqual([]);
    expect(changes.filter((change) => change.breaking && !verdict.isShown(change))).toEqual([]);
    expect(changes.filter(({ breaking }) => breaking).map(({ what }) => what)).toContainEqual(
      expect.stringMatching(said),
    );
  });
});

describe('it does not break to', () => {
  it.each(compatibleEdits)('%s', async (_, said, edit) => {
    const { changes, verdict } = await compareAfter(edit);
    expect(verdict.invalid).toEqual([]);
    expect(verdict.broken).toEqual([]);
    expect(changes.filter(({ breaking }) => breaking)).toEqual([]);
    const whats = changes.map(({ what }) => what);
    if (said !== undefined) expect(whats).toContainEqual(expect.stringMatching(said));
    else expect(whats.filter((what) => !/is new$/.test(what))).toEqual([]);
  });
});
