import { it } from 'vitest';

/**
 * Defines one attack, and the test that it does not work.
 *
 * @param title What the attacker does. A plain text: ATTACKS.md is made of these.
 * @param gain What the attacker would have if it worked.
 */
export function attack(title: string, gain: string, run: () => Promise<void>): void {
  it(`${title}; gain: ${gain}`, run);
}
