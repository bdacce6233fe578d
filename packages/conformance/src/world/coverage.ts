import { openapi } from '../documents/documents.js';
import { membersOf } from '../documents/json.js';
import { operations } from '../documents/operations.js';
import { variantsOf } from '../documents/variants.js';
import type { Exchange } from '../wire/exchange.js';

/** The kinds of things that a run covers. */
export const COVERAGE_KINDS = ['answer', 'error', 'frame', 'event', 'close', 'promise'] as const;

/** The promises of PROTOCOL.md that a server makes. Promise 8 is made by readers, and the rules for clients test it. */
const PROMISES = [1, 2, 3, 4, 5, 6, 7, 9];

/** A kind of thing that a run covers. */
export type CoverageKind = (typeof COVERAGE_KINDS)[number];

/** One thing that the documents name, and how often the run met it. For example an answer, a code or a frame. */
export interface Covered {
  readonly kind: CoverageKind;
  /** Such as `createSession 201`, `CursorAhead`, `connection_ack to client`, `turn_completed`, `4400`, `3`. */
  readonly name: string;
  readonly count: number;
}

/** Counts what a run meets of the things that the documents name. */
export interface Coverage {
  /** Counts one thing. Things that the documents do not name are ignored. */
  mark(kind: CoverageKind, name: string): void;
  /** Counts everything that an answer shows. */
  markExchange(exchange: Exchange): void;
  /** Everything that the documents name, in their order. */
  list(): Covered[];
}

/** Creates an empty coverage of the two documents. */
export function createCoverage(): Coverage {
  const counts = new Map<string, number>(namesOfAll().map((key) => [key, 0]));
  const mark = (kind: CoverageKind, name: string) => {
    const key = `${kind} ${name}`;
    const count = counts.get(key);
    if (count !== undefined) counts.set(key, count + 1);
  };
  return {
    mark,
    markExchange({ operation, status, json, request }) {
      if (operation !== undefined) mark('answer', `${operation.operationId} ${status}`);
      if (status >= 400 && request.method !== 'HEAD') mark('error', String(Object(json).code));
      const { items }: { items?: unknown } = Object(json);
      if (operation?.operationId !== 'getHistory' || !Array.isArray(items)) return;
      for (const item of items) mark('event', String(Object(Object(item).payload).type));
    },
    list: () =>
      [...counts].map(([key, count]) => {
        const [kind = '', ...name] = key.split(' ');
        return { kind: kind as CoverageKind, name: name.join(' '), count };
      }),
  };
}

function namesOfAll(): string[] {
  return [
    ...operations.flatMap(({ operationId, statuses }) => statuses.map((status) => `answer ${operationId} ${status}`)),
    ...membersOf(openapi['x-errors']).map(([code]) => `error ${code}`),
    ...['connection_ack', 'event', 'heartbeat', 'error'].map((type) => `frame ${type} to client`),
    ...['submission', 'heartbeat'].map((type) => `frame ${type} to server`),
    ...variantsOf('Event').map(({ type }) => `event ${type}`),
    ...membersOf(openapi['x-close-codes']).map(([code]) => `close ${code}`),
    ...PROMISES.map((promise) => `promise ${promise}`),
  ];
}
