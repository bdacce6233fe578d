import type { Environment } from '../definition.js';

/** How a cassette is played. */
export interface ReplayOptions {
  /** How many times faster than recorded; infinite for no delays. */
  readonly speed: number;
  /** Plays the scene of the next recorded prompt even if the client's prompt differs. */
  readonly anyPrompt: boolean;
}

/**
 * Reads how to replay: `PARLEY_REPLAY_SPEED` (how many times faster than recorded, or `max` for no delays; 1 by default)
 * and `PARLEY_REPLAY_PROMPTS` (`strict`, the default: a prompt must be the recorded one; `any`: a notice names the difference).
 * Throws an `Error` that says what is wrong.
 */
export function readReplayOptions(env: Environment): ReplayOptions {
  const { PARLEY_REPLAY_SPEED: pace = '1', PARLEY_REPLAY_PROMPTS: prompts = 'strict' } = env;
  const speed = pace === 'max' ? Number.POSITIVE_INFINITY : Number(pace);
  if (!(speed > 0)) {
    throw new Error(`PARLEY_REPLAY_SPEED: expected a number above 0 or max, got ${JSON.stringify(pace)}`);
  }
  if (prompts !== 'strict' && prompts !== 'any') {
    throw new Error(`PARLEY_REPLAY_PROMPTS: expected strict or any, got ${JSON.stringify(prompts)}`);
  }
  return { speed, anyPrompt: prompts === 'any' };
}
