import { locate, selectClientRules, verifyClient } from '@parleyhq/conformance';
import { EXIT, ExitError } from '../exit-error.js';
import { showProgress } from './progress.js';
import { writeReports } from './reports.js';
import type { VerifyFlags } from './verify-flags.js';

/**
 * Tests a client against the contract and writes the reports.
 *
 * @throws ExitError with the exit code of the verdict, if that is not 0.
 */
export async function verifyClientOf(command: string, flags: VerifyFlags): Promise<void> {
  const { rule: rules, seed, list, patience } = flags;
  const selected = selectClientRules(rules);
  if (selected.length === 0) throw new ExitError(EXIT.usage, 'no rule is selected; --list shows all rules');
  if (list) {
    for (const { id, source, title } of selected) process.stdout.write(`${id}  ${locate(source)}  ${title}\n`);
    return;
  }
  const stop = new AbortController();
  const progress = showProgress(selected.length);
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const report = await verifyClient({
      ...{ command, rules, seed, signal: stop.signal },
      timeout: patience === undefined ? undefined : patience * 1000,
      onOutcome: (outcome) => progress.take(outcome),
    });
    progress.end();
    await writeReports(report, flags.report ?? []);
    if (stop.signal.aborted) throw new ExitError(EXIT.interrupted, 'stopped');
    if (report.verdict.exitCode !== 0) throw new ExitError(report.verdict.exitCode, '');
  } finally {
    progress.end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
