import fc from 'fast-check';
import { expect, test } from 'vitest';
import { watchThreads } from '../../test/break-thread.js';
import { createLogModel, type LogModel } from '../../test/log-model.js';
import { decide, read, scopeOf, write } from '../../test/log-writes.js';
import { ALL, type OpenedLog, openLog } from '../../test/open-log.js';
import { holds } from '../../test/property.js';

const session = fc.constantFrom('a', 'b', 'c', 'd');
const burst = fc.record({ writes: fc.array(write, { maxLength: 12 }), reads: fc.array(read, { maxLength: 4 }) });
const append = fc.record({
  does: fc.constant('append' as const),
  session,
  count: fc.integer({ min: 1, max: 5 }),
  length: fc.constant(9),
});
const death = fc.record({ before: fc.array(append, { maxLength: 9 }), behind: fc.array(append, { maxLength: 9 }) });
const retain = fc.record({ session, characters: fc.nat(600) });

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ burst }) },
  { weight: 1, arbitrary: fc.record({ death }) },
  { weight: 1, arbitrary: fc.record({ retain }) },
  { weight: 1, arbitrary: fc.record({ reopened: fc.constant(true) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Burst = typeof burst extends fc.Arbitrary<infer T> ? T : never;
type Death = typeof death extends fc.Arbitrary<infer T> ? T : never;

/** Asks for writes and reads at the same time, and holds what comes back against the model. */
async function runBurst({ log }: OpenedLog, model: LogModel, { writes, reads }: Burst): Promise<void> {
  const known = new Map(['a', 'b', 'c', 'd'].map((name) => [name, model.find(name).frames.length]));
  const arrived: string[] = [];
  const decided = writes.map((given) => ({ given, asked: decide(model, given) }));
  const writing = decided.map(async ({ given, asked }) => {
    const reason = await reasonOf(asked.ask(log));
    if (asked.reaches !== undefined) arrived.push(`${given.session} ${asked.reaches}`);
    expect(reason).toBe(asked.taken ? 'taken' : 'conflict');
  });
  const shrinks = (name: string, does: string) => writes.some((one) => one.session === name && one.does === does);
  const reading = reads.map(async ({ session: name, back, ...limit }) => {
    const after = Math.max(0, (known.get(name) ?? 0) - back);
    const page = await log.read(name, after, limit).catch((error) => {
      expect(error).toMatchObject({ reason: 'trimmed' });
      expect(after < model.find(name).earliest - 1 || shrinks(name, 'trim') || shrinks(name, 'purge')).toBe(true);
      return [];
    });
    const [first] = page;
    if (first === undefined) return;
    // A part of one life, whole, as it was appended and in its order; to the end of an append where there was room.
    const life = model.lifeOf(first.frame);
    expect(page.map(({ frame }) => frame)).toEqual(life?.frames.slice(after, after + page.length));
    expect(page.map(({ id }) => id)).toEqual(page.map((_, index) => after + 1 + index));
    if (limit.events < 10_000 || limit.bytes < 1e9) return;
    expect(life?.ends).toContain(after + page.length);
    if (!shrinks(name, 'purge')) expect(after + page.length).toBeGreaterThanOrEqual(known.get(name) ?? 0);
  });
  await Promise.all([...writing, ...reading]);
  // What is durable is told in the order in which it was asked for.
  expect(arrived).toEqual(
    decided.flatMap(({ given, asked }) => (asked.reaches === undefined ? [] : [`${given.session} ${asked.reaches}`])),
  );
}

/** Appends while the thread dies, and repeats in their order those whose answer was lost. */
async function runDeath({ log }: OpenedLog, model: LogModel, die: () => Promise<void>, { before, behind }: Death) {
  const all = [...before, ...behind].map((given) => decide(model, given));
  const first = all.slice(0, before.length).map(({ ask }) => reasonOf(ask(log)));
  await new Promise(setImmediate);
  const dying = die();
  const rest = all.slice(before.length).map(({ ask }) => reasonOf(ask(log)));
  await dying;
  const reasons = await Promise.all([...first, ...rest]);
  for (const [index, { ask }] of all.entries()) {
    if (reasons[index] === 'lost') reasons[index] = await reasonOf(ask(log));
  }
  expect(reasons).toEqual(all.map(() => 'taken'));
}

/** Forgets what need not be kept, as retention does. */
async function runRetain({ log }: OpenedLog, model: LogModel, name: string, characters: number): Promise<void> {
  const { frames, ends, earliest } = model.find(name);
  const before = await log.cut(name, { characters });
  expect(before).toBeGreaterThanOrEqual(Math.min(earliest, frames.length + 1));
  expect(before).toBeLessThanOrEqual(Math.max(earliest, frames.length));
  const kept = frames.slice(before - 1).join('').length;
  if (kept > characters) expect(before).toBeGreaterThan(ends.at(-2) ?? 0);
  await log.trim(name, before, `up to ${before}`);
  model.trim(name, before, `up to ${before}`);
}

/** Holds all that can be read against the model. */
async function compare({ log }: OpenedLog, model: LogModel): Promise<void> {
  expect(await log.sessions()).toEqual(model.sessions());
  for (const name of ['a', 'b', 'c', 'd']) {
    const { frames, earliest, base } = model.find(name);
    const latest = frames.length;
    expect(await log.bounds(name)).toEqual(latest === 0 ? undefined : { earliest, latest });
    expect(await log.read(name, earliest - 1, ALL)).toEqual(model.stored(name, earliest - 1, latest));
    expect(await log.base(name)).toBe(base);
    if (earliest > 1) expect(await reasonOf(log.read(name, earliest - 2, ALL))).toBe('trimmed');
    if (latest === 0) expect(await log.findIdempotent(scopeOf(name, 1))).toBeUndefined();
  }
}

async function reasonOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'taken',
    (error) => error.reason ?? String(error),
  );
}

/** Leads a log and its model through the same steps. */
async function walk(steps: readonly Step[], threads: ReturnType<typeof watchThreads>): Promise<void> {
  const file = await openLog();
  const model = createLogModel();
  // Each start of a thread waits twice as long as the one before.
  let deaths = 0;
  for (const step of steps) {
    if ('burst' in step) await runBurst(file, model, step.burst);
    if ('retain' in step) await runRetain(file, model, step.retain.session, step.retain.characters);
    if ('reopened' in step) await file.reopen();
    if ('death' in step && deaths < 2) {
      deaths += 1;
      await runDeath(file, model, threads.breakLast, step.death);
    }
    await compare(file, model);
  }
  await file.log.close();
}

test('a log is what its model is, whatever sessions ask at once, repeat and forget, and whatever dies', async () => {
  const threads = watchThreads();
  await holds(
    fc.asyncProperty(fc.array(step, { maxLength: 24 }), (steps) => walk(steps, threads)),
    40,
  );
});
