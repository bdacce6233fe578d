import type { Environment } from '../definition.js';
import type { PlayerOptions } from './player.js';

/**
 * Reads how to replay: `PARLEY_REPLAY_SPEED` (how many times faster than recorded, or `max` for at once; 1 by default)
 * and `PARLEY_REPLAY_PROMPTS` (`strict`, the default: a prompt must be the recorded one; `any`: a difference is told).
 * `fail` is called with what is wrong.
 */
export function readReplayOptions(
  env: Environment,
  fail: (problem: string) => never,
): Pick<PlayerOptions, 'speed' | 'anyPrompt'> {
  const { PARLEY_REPLAY_SPEED: pace = '1', PARLEY_REPLAY_PROMPTS: prompts = 'strict' } = env;
  const speed = pace === 'max' ? Number.POSITIVE_INFINITY : Number(pace);
  if (!(speed > 0)) fail(`PARLEY_REPLAY_SPEED: expected a number above 0 or max, got ${JSON.stringify(pace)}`);
  if (prompts !== 'strict' && prompts !== 'any') {
    fail(`PARLEY_REPLAY_PROMPTS: expected strict or any, got ${JSON.stringify(prompts)}`);
  }
  return { speed, anyPrompt: prompts === 'any' };
}
