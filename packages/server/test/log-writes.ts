import fc from 'fast-check';
import type { EventLog, LogEntry } from '../src/log/event-log.js';
import type { LogModel } from './log-model.js';

const session = fc.constantFrom('a', 'b', 'c', 'd');
const count = fc.integer({ min: 1, max: 5 });
const back = fc.integer({ min: 0, max: 12 });
const length = fc.oneof({ weight: 9, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(40_000) });

/** A change of a log, described so that it can be made in any log. */
export const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('append' as const), session, count, length }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom('repeat', 'other bytes', 'repeat and more', 'leave a gap'),
      session,
      back,
      count,
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('trim' as const), session, back }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('purge' as const), session }) },
);

/** A read of a log. */
export const read = fc.record({
  session,
  back,
  events: fc.constantFrom(1, 3, 10_000),
  bytes: fc.constantFrom(1, 500, 1e9),
});

type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;
/** A write for the real log, after it was made in the model. */
interface Asked {
  ask(log: EventLog): Promise<void>;
  /** Whether the log must take it; else it must say that it conflicts. */
  readonly taken: boolean;
  /** The last new event, where there is one. */
  readonly reaches?: number;
}

/** Makes a write in the model, and says what the real log must do with it. */
export function decide(model: LogModel, given: Write): Asked {
  const { session } = given;
  const { frames, earliest } = model.find(session);
  const latest = frames.length;
  const append = (after: number, entries: readonly LogEntry[]): Asked => ({
    ask: (log) => log.append(session, after, entries),
    taken: entries.length === 0,
  });
  const extend = (entries: readonly LogEntry[]): Asked => {
    model.append(session, entries);
    return { ...append(latest, entries), taken: true, reaches: latest + entries.length };
  };
  switch (given.does) {
    case 'append':
      return extend(recorded(session, model.fresh(session, latest, given.count, given.length)));
    case 'trim': {
      const before = Math.max(1, latest + 1 - given.back);
      model.trim(session, before, `up to ${before}`);
      return { ask: (log) => log.trim(session, before, `up to ${before}`), taken: true };
    }
    case 'purge':
      model.purge(session);
      return { ask: (log) => log.purge(session), taken: true };
    case 'leave a gap':
      return append(latest + 1 + given.back, model.fresh(session, latest + 1 + given.back, given.count));
    default: {
      const after = Math.max(earliest - 1, latest - given.back);
      const stored = model.stored(session, after, given.does === 'repeat and more' ? latest : given.count);
      const [other] = model.fresh(session, after + stored.length - 1, 1);
      if (stored.length === 0) return extend(model.fresh(session, latest, 1));
      if (given.does === 'repeat') return { ...append(after, stored), taken: true };
      if (given.does === 'other bytes') return append(after, [...stored.slice(0, -1), ...(other ? [other] : [])]);
      return append(after, [...stored, ...model.fresh(session, latest, 1)]);
    }
  }
}

/** The same events, the first of them with the record of the command that caused it. */
function recorded(session: string, [first, ...rest]: readonly LogEntry[]): LogEntry[] {
  if (first === undefined) return [];
  const idempotency = { ...scopeOf(session, first.id), bodyHash: first.frame.slice(0, 20), answer: String(first.id) };
  return [{ ...first, idempotency }, ...rest];
}

/** The scope of the record of the command that caused an event. */
export const scopeOf = (session: string, id: number) => ({ account: 'me', operation: 'submit', session, key: `${id}` });
