import { openapi } from './documents/documents.js';
import { textAt } from './documents/json.js';
import { locate } from './documents/locate.js';
import { openWorld } from './open-world.js';
import { visibleInLog } from './report/visible.js';
import type { Note, Report } from './report.js';
import { includesLevel, type Level, type Need, nameOf, type Rule, type SuiteName } from './rule.js';
import type { Outcome } from './run/outcome.js';
import { runRules } from './run/run-rules.js';
import { SUITES } from './suites.js';
import { judgeRun } from './verdict.js';
import type { World } from './world/world.js';

/** Which rules to try. */
export interface Selection {
  /** @default 'agent' */
  readonly level?: Level | undefined;
  /** Default: every suite. */
  readonly suites?: readonly SuiteName[] | undefined;
  /**
   * Only these rules, by id or by the name in reports (id and subject in brackets). Default: all rules of the suites.
   */
  readonly rules?: readonly string[] | undefined;
}

/** Which server to test against the contract, and how. */
export interface VerifyOptions extends Selection {
  /** The server's address: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** A token of scope `control`. */
  readonly token: string;
  /** A token of another account. Rules about accounts need it. */
  readonly token2?: string | undefined;
  /**
   * The agent of the sessions. Levels `agent` and `full` need the demo agent. Default: `demo`; at level `core` the
   * server's default agent.
   */
  readonly agent?: string | undefined;
  /** A folder inside the server's roots, for the sessions. Default: a temporary one. */
  readonly cwd?: string | undefined;
  /** Kills the server and starts it again at the same address. Rules about durability need it. */
  readonly restart?: (() => Promise<void>) | undefined;
  /** Seed of the random inputs. Default: a random one. */
  readonly seed?: number | undefined;
  /** Whether an answer also breaks a rule by properties or values that the documents do not have. @default false */
  readonly strict?: boolean | undefined;
  /** Milliseconds that an event, a frame or a handshake may take to come before a rule is broken. @default 15_000 */
  readonly patience?: number | undefined;
  /** Ends the run. The sessions that it created are still purged. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the outcome of each rule as it ends. */
  readonly onOutcome?: ((outcome: Outcome) => void) | undefined;
}

/** How many rules run at the same time. */
const CONCURRENCY = 6;

/** The rules of a selection, in the order of reports. */
export function selectRules({ level = 'agent', suites, rules }: Selection): Rule[] {
  return Object.entries(SUITES)
    .filter(([suite]) => suites === undefined || suites.some((name) => name === suite))
    .flatMap(([, all]) => all)
    .filter((rule) => includesLevel(level, rule.level))
    .filter((rule) => rules === undefined || rules.includes(rule.id) || rules.includes(nameOf(rule)));
}

/**
 * Tests a server against the contract, only over the network. The sessions that it created are purged in any case.
 *
 * @throws CannotVerify if the run cannot begin.
 */
export async function verify(options: VerifyOptions): Promise<Report> {
  const { level = 'agent', seed = Math.floor(Math.random() * 2 ** 31), onOutcome } = options;
  const startedAt = Date.now();
  const started = performance.now();
  const world = await openWorld({ ...options, level, seed });
  try {
    const missing: Need[] = (['token2', 'restart'] as const).filter((need) => options[need] === undefined);
    const outcomes = await runRules(selectRules(options), world, { concurrency: CONCURRENCY, missing, onOutcome });
    return {
      url: world.url,
      kind: 'server',
      contract: textAt(openapi, 'info', 'version'),
      seed,
      startedAt,
      duration: Math.round(performance.now() - started),
      partial: options.suites !== undefined || options.rules !== undefined,
      verdict: judgeRun(level, outcomes),
      outcomes,
      notes: notesOf(world),
      coverage: world.coverage.list(),
    };
  } finally {
    await world.close();
  }
}

function notesOf({ wire, frames, strict, hide }: World): Note[] {
  if (strict) return [];
  const show = (text: string) => visibleInLog(hide(text));
  const ofAnswers = wire.findings
    .filter(({ problem }) => problem.fit === 'unknown')
    .map(({ exchange, problem: { expected, got, pointer } }) => ({
      line: locate(`openapi.yaml#${pointer}`),
      where: show(`${exchange.operation?.operationId ?? exchange.request.path} ${exchange.status}`),
      expected: show(expected),
      got: show(got),
    }));
  const ofFrames = frames.findings
    .filter(({ fit }) => fit === 'unknown')
    .map(({ type, source, expected, got }) => ({
      line: locate(source),
      where: show(`frame ${type}`),
      expected: show(expected),
      got: show(got),
    }));
  return [...ofAnswers, ...ofFrames];
}
