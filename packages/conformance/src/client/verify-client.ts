import { openapi } from '../documents/documents.js';
import { textAt } from '../documents/json.js';
import type { Report } from '../report.js';
import type { RuleFacts } from '../rule.js';
import type { Outcome } from '../run/outcome.js';
import { tryRule } from '../run/run-rule.js';
import { judgeRun } from '../verdict.js';
import type { ClientRule } from './client-rule.js';
import { CLIENT_RULES } from './client-rules.js';
import { runClientRule } from './run-client-rule.js';

/** Which client to test against the contract, and how. */
export interface VerifyClientOptions {
  /** The shell command that starts the client. CLIENT.md of this package says what it has to print. */
  readonly command: string;
  /** Only the rules with these ids. Default: all of them. */
  readonly rules?: readonly string[] | undefined;
  /** Seed of the scripted server's random choices. Default: a random one. */
  readonly seed?: number | undefined;
  /** Milliseconds that the client may take for one rule. @default 30_000 // 30 seconds */
  readonly timeout?: number | undefined;
  /** Ends the run. Rules that have not been tried by then are reported as not exercised. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the outcome of each rule as it ends. */
  readonly onOutcome?: ((outcome: Outcome) => void) | undefined;
}

/** How many clients run at the same time. Most of the time they wait. */
const CONCURRENCY = 6;

/** The rules with these ids, or all of them, with the facts that reports show. */
export function selectClientRules(rules: readonly string[] | undefined): (ClientRule & RuleFacts)[] {
  return CLIENT_RULES.filter(({ id }) => rules === undefined || rules.includes(id)).map((rule) => ({
    ...rule,
    level: 'core',
  }));
}

/** Tests a client against the contract. It is started once for each rule, and meets a scripted, faulty server. */
export async function verifyClient(options: VerifyClientOptions): Promise<Report> {
  const { command, timeout = 30_000, seed = Math.floor(Math.random() * 2 ** 31), onOutcome } = options;
  const { signal = new AbortController().signal } = options;
  const startedAt = Date.now();
  const started = performance.now();
  const rules = selectClientRules(options.rules);
  const outcomes = new Map<RuleFacts, Outcome>();
  const waiting = rules.values();
  const work = async () => {
    for (const rule of waiting) {
      const run = () => runClientRule(rule, { command, seed, timeout, signal });
      // There is nothing to hide: the tokens are worthless outside the scenario.
      const outcome = await tryRule(rule, run, { signal, hide: (text) => text });
      outcomes.set(rule, outcome);
      onOutcome?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  const inOrder = rules.flatMap((rule) => outcomes.get(rule) ?? []);
  return {
    url: command,
    kind: 'client',
    partial: options.rules !== undefined,
    contract: textAt(openapi, 'info', 'version'),
    seed,
    startedAt,
    duration: Math.round(performance.now() - started),
    verdict: judgeRun('core', inOrder),
    outcomes: inOrder,
    notes: [],
    coverage: [],
  };
}
