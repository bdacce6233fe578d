import type { CreateSessionRequest } from '@parleyhq/client';
import { InvalidArgumentError } from 'commander';

type Budget = NonNullable<CreateSessionRequest['budget']>;

const BOUNDS: readonly (keyof Budget)[] = ['turns', 'seconds', 'tokens', 'cost'];

/**
 * Reads `turns=20,seconds=600,tokens=100000,cost=2.5`: one or more of them, also in several options.
 *
 * @throws InvalidArgumentError
 */
export function readBudget(text: string, before: Budget = {}): Budget {
  const bounds = text.split(',').map((part) => {
    const [, name = '', amount = ''] = /^\s*(\w+)\s*=\s*([\d.]+)\s*$/.exec(part) ?? [];
    const bound = BOUNDS.find((known) => known === name);
    const value = Number(amount);
    const fits = bound === 'cost' ? value > 0 : Number.isSafeInteger(value) && value > 0;
    if (bound !== undefined && fits) return [bound, value] as const;
    const such = 'such as tokens=100000,seconds=600';
    throw new InvalidArgumentError(`Expected turns, seconds, tokens (whole numbers) or cost, ${such}; got ${part}.`);
  });
  return { ...before, ...Object.fromEntries(bounds) };
}
