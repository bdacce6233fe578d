import { isDeepStrictEqual } from 'node:util';
import { BrokenRule } from '../broken-rule.js';
import type { Exchange } from '../wire/exchange.js';
import { field } from './good-call.js';

/**
 * Expects the fields of an answer's body to have these values.
 *
 * @throws BrokenRule
 */
export function expectFields(exchange: Exchange, fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) {
    expectThat(isDeepStrictEqual(field(exchange.json, name), value), exchange, {
      expected: `${name} ${show(value)}`,
      got: show(field(exchange.json, name)),
    });
  }
}

/**
 * Expects a condition on an answer to hold.
 *
 * @throws BrokenRule
 */
export function expectThat(holds: boolean, exchange: Exchange, facts: { expected: string; got: string }): void {
  if (!holds) throw new BrokenRule({ ...facts, exchange });
}

/** A value as a report shows it. */
export function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 500);
}
