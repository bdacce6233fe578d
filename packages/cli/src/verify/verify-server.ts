import { CannotVerify, locate, nameOf, selectRules, verify } from '@parleyhq/conformance';
import { EXIT, ExitError } from '../exit-error.js';
import { accessServer, explainServerError } from '../server-access.js';
import { showProgress } from './progress.js';
import { writeReports } from './reports.js';
import { runShell } from './run-shell.js';
import type { VerifyFlags } from './verify-flags.js';

/**
 * Tests a server against the contract and writes the reports.
 *
 * @throws ExitError with the exit code of the verdict, if that is not 0.
 */
export async function verifyServer(url: string | undefined, flags: VerifyFlags): Promise<void> {
  const { level, suite: suites, rule: rules, restart, agent, cwd, token2, seed, strict, patience } = flags;
  const selected = selectRules({ level, suites, rules });
  if (selected.length === 0) throw new ExitError(EXIT.usage, 'no rule is selected; --list shows all rules');
  if (flags.list) {
    for (const rule of selected)
      process.stdout.write(`${nameOf(rule)}  ${rule.level}  ${locate(rule.source)}  ${rule.title}\n`);
    return;
  }
  const access = await accessServer({ server: url, token: flags.token, dataDir: flags.dataDir });
  const token = await tokenOf(access).catch((error) => {
    throw explainServerError(error);
  });
  const stop = new AbortController();
  const progress = showProgress(selected.length);
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const report = await verify({
      ...{ level, suites, rules, agent, cwd, token2, seed, strict },
      patience: patience === undefined ? undefined : patience * 1000,
      ...{ url: access.baseUrl, token, signal: stop.signal },
      onOutcome: (outcome) => progress.take(outcome),
      restart: restart === undefined ? undefined : () => runShell(restart),
    });
    progress.end();
    await writeReports(report, flags.report ?? []);
    if (stop.signal.aborted) throw new ExitError(EXIT.interrupted, 'stopped; the sessions of the kit are purged');
    if (report.verdict.exitCode !== 0) throw new ExitError(report.verdict.exitCode, '');
  } catch (error) {
    if (error instanceof CannotVerify) throw new ExitError(EXIT.noServer, error.message);
    throw error;
  } finally {
    progress.end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function tokenOf({ token }: Awaited<ReturnType<typeof accessServer>>): Promise<string> {
  return typeof token === 'function' ? token() : token;
}
