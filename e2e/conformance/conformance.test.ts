import { nameOf, type Report, SUITES } from '@parleyhq/conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLong, only, sample, seed } from './form.js';
import { judgeMutant, verifyThrough } from './judge-mutant.js';
import { allMutants, GROUPS, isDerived } from './mutants/all-mutants.js';
import { type Mutant, titleOf } from './mutants/mutant.js';
import { createProbe, type Probe } from './probe.js';
import { type Server, startServer } from './server.js';

/** Mutants of each group in the short form, and how many are judged at the same time. */
const SAMPLE = 8;
const PLACES = 4;

let server: Server;
let report: Report;
const probe: Probe = createProbe();
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.close();
});

test('each mutant has a title of its own, and names rules that there are', () => {
  const titles = allMutants.map(titleOf);
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  const rules = Object.values(SUITES).flat();
  const known = [...rules.map(nameOf), ...rules.map(({ id }) => id)];
  const named = allMutants.flatMap(({ killedBy, provokedBy = [] }) => [killedBy, ...provokedBy]);
  expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
});

test('each rule has a mutant that names it, and each promise three', () => {
  const named = new Set(allMutants.map(({ killedBy }) => idOf(killedBy)));
  const rules = Object.values(SUITES).flat();
  expect([...new Set(rules.map(({ id }) => id))].filter((id) => !named.has(id))).toEqual([]);
  const counts = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => allMutants.filter(({ promise }) => promise === n).length);
  expect(counts.every((count) => count >= 3)).toBe(true);
});

test('the server passes every rule through a proxy that changes nothing', async () => {
  report = await verifyThrough(server, probe.change, { seed });
  const failed = report.outcomes.filter(({ status }) => status !== 'passed');
  expect(failed.map(({ rule, status, reason, failures }) => [nameOf(rule), status, reason, failures])).toEqual([]);
  expect(report.verdict).toMatchObject({ reached: 'full', exitCode: 0 });
});

describe.each(Object.entries(GROUPS))('%s', (_, group) => {
  test('each mutant is killed by the rule that it names', async () => {
    const missed = group.filter((mutant) => isDerived(mutant) && !probe.wasMet(mutant));
    const chosen = sample(
      group.filter((mutant) => isWanted(mutant) && !missed.includes(mutant)),
      SAMPLE,
    );
    const survivors: string[] = [];
    await together(
      chosen.filter(({ alone }) => !alone),
      PLACES,
      (mutant) => judge(mutant, server),
    );
    for (const mutant of chosen.filter(({ alone }) => alone)) {
      const own = await startServer();
      await judge(mutant, own).finally(() => own.close());
    }
    console.log(`${chosen.length - survivors.length} of ${chosen.length} killed; ${missed.length} never on the wire`);
    if (isLong) for (const mutant of missed) console.log(`not met   ${titleOf(mutant)}`);
    expect(survivors).toEqual([]);

    async function judge(mutant: Mutant, at: Server): Promise<void> {
      const { fate, how } = await judgeMutant(at, mutant, seed);
      const word = fate === 'killed' ? 'killed  ' : 'SURVIVED';
      console.log(`${word}  ${mutant.promise}  ${titleOf(mutant)}  ${how.slice(0, 120)}`);
      if (fate !== 'killed' && mutant.equivalent === undefined) survivors.push(`${titleOf(mutant)}: ${fate}: ${how}`);
    }
  });
});

function isWanted(mutant: Mutant): boolean {
  return only === undefined || titleOf(mutant).includes(only);
}

function idOf(rule: string): string {
  return rule.replace(/ \(.*/, '');
}

async function together<T>(all: readonly T[], places: number, work: (one: T) => Promise<void>): Promise<void> {
  const waiting = all.values();
  const next = async () => {
    for (const one of waiting) await work(one);
  };
  await Promise.all(Array.from({ length: places }, next));
}
