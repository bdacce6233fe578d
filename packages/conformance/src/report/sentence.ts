import type { Report } from '../report.js';

/** The verdict in one sentence. */
export function sentenceOf({ url, verdict, duration, seed }: Report): string {
  const { asked, reached, passed, failed, notExercised } = verdict;
  const counts = [`${passed} passed`, `${failed} failed`, `${notExercised} not exercised`].join(', ');
  const level =
    reached === null ? `does not reach level ${asked === 'core' ? asked : 'core'}` : `reaches level ${reached}`;
  const short = reached !== null && reached !== asked ? `, not ${asked}` : '';
  return `${url} ${level}${short}: ${counts} in ${(duration / 1000).toFixed(1)} s (--seed ${seed}).`;
}
