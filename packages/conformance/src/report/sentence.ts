import type { Report } from '../report.js';

/** The verdict in one sentence. */
export function sentenceOf({ kind, url, partial, verdict, duration, seed }: Report): string {
  const { asked, reached, passed, failed, notExercised } = verdict;
  const counts = [`${passed} passed`, `${failed} failed`, `${notExercised} not exercised`].join(', ');
  const rest = `${counts} in ${(duration / 1000).toFixed(1)} s (--seed ${seed}).`;
  if (partial) return `${url}, only some rules: ${rest}`;
  if (kind === 'client') return `${url} ${reached === null ? 'does not follow' : 'follows'} the contract: ${rest}`;
  if (reached === null) return `${url} does not reach level core: ${rest}`;
  return `${url} reaches level ${reached}${reached === asked ? '' : `, not ${asked}`}: ${rest}`;
}
