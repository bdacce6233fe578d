import { nameOf, type Outcome } from '@parleyhq/conformance';

/** Shows the progress of a run on standard error, if that is a terminal. */
export interface Progress {
  take(outcome: Outcome): void;
  /** Removes the line. */
  end(): void;
}

/** Shows the progress of `total` rules, in one line that is overwritten. */
export function showProgress(total: number): Progress {
  const { stderr } = process;
  let done = 0;
  let failed = 0;
  if (!stderr.isTTY) return { take: () => undefined, end: () => undefined };
  return {
    take({ rule, status }) {
      done += 1;
      if (status === 'failed') failed += 1;
      const line = `${done} of ${total}${failed > 0 ? `, ${failed} failed` : ''}  ${nameOf(rule)}`;
      stderr.write(`\r\u001b[K${line.slice(0, stderr.columns - 1)}`);
    },
    end: () => void stderr.write('\r\u001b[K'),
  };
}
