import type { ApprovalOption } from '@parleyhq/client';

/** The usual keys of the kinds of options. */
const EXPECTED: Readonly<Record<string, string>> = {
  allow_once: 'y',
  allow_always: 'a',
  reject_once: 'n',
  reject_always: 'x',
};

/** Keys for options whose kind has no usual key, or whose key is taken. Not `d`, which shows all of what is asked about. */
const OTHERS = '123456789bcefghijklmopqrstuvwz0ABCDEFGHIJKLMNOPQRSTUVWXYZ+-*/=.,:';

/** Gives each option that the agent offers a different key. */
export function assignKeys(options: readonly ApprovalOption[]): Map<string, ApprovalOption> {
  const keys = new Map<string, ApprovalOption>();
  const others = OTHERS[Symbol.iterator]();
  for (const option of options) {
    const expected = EXPECTED[option.kind];
    const key = expected === undefined || keys.has(expected) ? others.next().value : expected;
    if (key !== undefined) keys.set(key, option);
  }
  return keys;
}
