import { openapi } from './documents/documents.js';
import { textAt } from './documents/json.js';
import { locate } from './documents/locate.js';
import { openWorld } from './open-world.js';
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
  /** Only these rules, by id or, with a subject in brackets, by name as reports have it. Default: all of the suites. */
  readonly rules?: readonly string[] | undefined;
}

/** Which server to hold to the contract, and how. */
export interface VerifyOptions extends Selection {
  /** The server's address: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** A token of scope `control`. */
  readonly token: string;
  /** A token of another account; rules on accounts take it. */
  readonly token2?: string | undefined;
  /** The agent of the sessions: from level `agent` on the demo agent. Default: `demo`, or at level `core` the server's. */
  readonly agent?: string | undefined;
  /** A folder inside the server's roots, for the sessions. Default: a temporary one. */
  readonly cwd?: string | undefined;
  /** Kills the server and starts it again at the same address; rules on durability take it. */
  readonly restart?: (() => Promise<void>) | undefined;
  /** Chooses the random inputs. Default: by chance. */
  readonly seed?: number | undefined;
  /** Count it as broken, too, where an answer has what the documents do not know and a tolerant reader passes over. */
  readonly strict?: boolean | undefined;
  /** Ends the run; sessions are purged all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of each rule as it ends. */
  readonly onOutcome?: ((outcome: Outcome) => void) | undefined;
}

/** How many rules run at the same time. */
const PLACES = 6;

/** The rules that a selection names, in the order of reports. */
export function selectRules({ level = 'agent', suites, rules }: Selection): Rule[] {
  return Object.entries(SUITES)
    .filter(([suite]) => suites === undefined || suites.some((name) => name === suite))
    .flatMap(([, all]) => all)
    .filter((rule) => includesLevel(level, rule.level))
    .filter((rule) => rules === undefined || rules.includes(rule.id) || rules.includes(nameOf(rule)));
}

/**
 * Holds a server to the contract, over the wire alone. Whatever comes, the sessions that it made are purged.
 *
 * @throws CannotVerify where there is no server that lets the run begin.
 */
export async function verify(options: VerifyOptions): Promise<Report> {
  const { level = 'agent', seed = Math.floor(Math.random() * 2 ** 31), onOutcome } = options;
  const startedAt = Date.now();
  const started = performance.now();
  const world = await openWorld({ ...options, level, seed });
  try {
    const missing: Need[] = (['token2', 'restart'] as const).filter((need) => options[need] === undefined);
    const outcomes = await runRules(selectRules(options), world, { places: PLACES, missing, onOutcome });
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
  const ofAnswers = wire.findings
    .filter(({ problem }) => problem.fit === 'unknown')
    .map(({ exchange, problem: { expected, got, pointer } }) => ({
      line: locate(`openapi.yaml#${pointer}`),
      where: `${exchange.operation?.operationId ?? exchange.request.path} ${exchange.status}`,
      expected: hide(expected),
      got: hide(got),
    }));
  const ofFrames = frames.findings
    .filter(({ fit }) => fit === 'unknown')
    .map(({ type, source, expected, got }) => ({
      line: locate(source),
      where: `frame ${type}`,
      expected: hide(expected),
      got: hide(got),
    }));
  return [...ofAnswers, ...ofFrames];
}
