import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compareContracts } from '../src/breaking/compare-contracts.js';
import { createContract, readContract } from '../src/breaking/contract.js';
import { breakingEdits, compatibleEdits } from './breaking/edits/edit.js';
import { createRandom, editAtRandom } from './breaking/edits/random-edit.js';
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
  return compareWith(edited);
}

async function compareWith(edited) {
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

// BREAKING_SEED and BREAKING_EDITS try others, and more.
describe('the gate and the validators agree on edits that nobody thought of', () => {
  const { BREAKING_SEED = '1', BREAKING_EDITS = '12' } = process.env;
  const random = createRandom(Number(BREAKING_SEED));

  it.each(
    Array.from({ length: Number(BREAKING_EDITS) }, () => {
      const edited = structuredClone(documents);
      return [editAtRandom(edited, random), edited];
    }),
  )('%s', async (_, edited) => {
    const { changes, verdict } = await compareWith(edited);
    const breaking = changes.filter((change) => change.breaking);
    expect(verdict.invalid).toEqual([]);
    expect(breaking.length > 0, JSON.stringify({ breaking, broken: verdict.broken })).toBe(verdict.broken.length > 0);
    expect(breaking.filter((change) => !verdict.isShown(change))).toEqual([]);
  });
});
