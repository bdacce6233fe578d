import { COVERAGE_KINDS, type CoverageKind, type Covered } from '../world/coverage.js';

/** The name of each kind of coverage in reports. */
export const KIND_TITLES: Readonly<Record<CoverageKind, string>> = {
  answer: 'operations and statuses',
  error: 'error codes',
  frame: 'frames and directions',
  event: 'event variants',
  close: 'close codes',
  promise: 'promises',
};

/** For each kind, how many of the things that the documents name were met, and which were not. */
export function summariseCoverage(coverage: readonly Covered[]): string {
  const lines = COVERAGE_KINDS.map((kind) => {
    const all = coverage.filter((covered) => covered.kind === kind);
    const missed = all.filter(({ count }) => count === 0).map(({ name }) => name);
    const rest = missed.length === 0 ? '' : `; never ${(kind === 'answer' ? byOperation(missed) : missed).join(', ')}`;
    return `  ${KIND_TITLES[kind].padEnd(24)} ${String(all.length - missed.length).padStart(3)} of ${all.length}${rest}`;
  });
  return ['Covered:', ...lines].join('\n');
}

/** `createSession 500, createSession 503` as `createSession 500 503`. */
function byOperation(names: readonly string[]): string[] {
  const operations = [...new Set(names.map((name) => name.split(' ', 1)[0] ?? ''))];
  return operations.map((operation) => {
    const statuses = names.filter((name) => name.startsWith(`${operation} `)).map((name) => name.split(' ')[1]);
    return [operation, ...statuses].join(' ');
  });
}
