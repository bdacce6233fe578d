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

/** Which client to hold to the contract, and how. */
export interface VerifyClientOptions {
  /** Starts the client, in a shell; CLIENT.md of this package says what it has to print. */
  readonly command: string;
  /** Only the rules of these ids. Default: all of them. */
  readonly rules?: readonly string[] | undefined;
  /** Chooses what the scripted server leaves to chance. Default: by chance. */
  readonly seed?: number | undefined;
  /** Milliseconds that the client has for one rule. @default 30_000 // 30 seconds */
  readonly timeout?: number | undefined;
  /** Ends the run: what has not been tried by then is not exercised. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of each rule as it ends. */
  readonly onOutcome?: ((outcome: Outcome) => void) | undefined;
}

/** Clients that run at the same time. Most of the time they wait. */
const PLACES = 6;

/** The rules of these ids, or all, as reports show them. */
export function selectClientRules(rules: readonly string[] | undefined): (ClientRule & RuleFacts)[] {
  return CLIENT_RULES.filter(({ id }) => rules === undefined || rules.includes(id)).map((rule) => ({
    ...rule,
    level: 'core',
  }));
}

/** Holds a client to the contract: for each rule it is started once, and finds a scripted server that is faulty. */
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
      // Its tokens are good for nothing outside of the scenario.
      const outcome = await tryRule(rule, run, { signal, hide: (text) => text });
      outcomes.set(rule, outcome);
      onOutcome?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: PLACES }, work));
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
