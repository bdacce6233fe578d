import { BrokenRule, NotExercised } from '../broken-rule.js';
import { locate } from '../documents/locate.js';
import { visibleInLog } from '../report/visible.js';
import type { Need, Rule, RuleFacts } from '../rule.js';
import type { Exchange } from '../wire/exchange.js';
import type { World } from '../world/world.js';
import type { Failure, Outcome } from './outcome.js';

/** Characters of a body that a report shows. */
const MAX_BODY = 2_000;

const HINTS: Readonly<Record<Need, string>> = {
  token2: 'it needs --token2, a token of a second account',
  restart: 'it needs --restart, a command that kills the server and starts it again',
};

/** Runs one rule on a server. Never rejects. */
export async function runRule(rule: Rule, world: World, missing: readonly Need[]): Promise<Outcome> {
  const lacking = rule.needs?.find((need) => missing.includes(need));
  const run = () => (lacking === undefined ? rule.run(world) : Promise.reject(new NotExercised(HINTS[lacking])));
  const outcome = await tryRule(rule, run, world);
  if (outcome.status !== 'not_exercised' && rule.promise !== undefined)
    world.coverage.mark('promise', `${rule.promise}`);
  return outcome;
}

/** Runs a rule and turns what it throws into its outcome. Never rejects. */
export async function tryRule(
  rule: RuleFacts,
  run: () => Promise<void>,
  { signal, hide }: Pick<World, 'signal' | 'hide'>,
): Promise<Outcome> {
  const started = performance.now();
  const show = (text: string) => visibleInLog(hide(text));
  const end = (status: Outcome['status'], failures: readonly Failure[] = [], reason?: string): Outcome => {
    return {
      rule,
      status,
      failures,
      ...(reason === undefined ? {} : { reason }),
      duration: Math.round(performance.now() - started),
    };
  };
  try {
    await run();
    return end('passed');
  } catch (error) {
    if (signal.aborted) return end('not_exercised', [], 'the run was stopped');
    if (error instanceof NotExercised) return end('not_exercised', [], show(error.message));
    const all = error instanceof AggregateError ? error.errors : [error];
    return end(
      'failed',
      all.map((one) => toFailure(rule, one, show)),
    );
  }
}

function toFailure(rule: RuleFacts, error: unknown, show: (text: string) => string): Failure {
  if (!(error instanceof BrokenRule)) {
    const got = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { line: locate(rule.source), expected: 'the rule to run to its end', got: show(got) };
  }
  const { expected, got, exchange, sent, received, source } = error.facts;
  const shown = {
    sent: sent ?? (exchange && showRequest(exchange)),
    received: received ?? (exchange && showAnswer(exchange)),
    repeat: error.repeat,
  };
  const texts = Object.entries(shown).flatMap(([name, text]) => (text === undefined ? [] : [[name, show(text)]]));
  return {
    line: locate(source ?? rule.source),
    expected: show(expected),
    got: show(got),
    ...Object.fromEntries(texts),
  };
}

function showRequest({ request: { method, path, headers, body } }: Exchange): string {
  const lines = [`${method} ${path}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return body === undefined ? lines.join('\n') : [...lines, '', cut(body.toString('utf8'))].join('\n');
}

function showAnswer({ status, headers, text }: Exchange): string {
  if (status === 0) return 'no answer';
  const shown = ['content-type', 'location', 'allow', 'www-authenticate', 'retry-after', 'x-request-id'];
  const lines = shown.flatMap((name) => (headers.has(name) ? [`${name}: ${headers.get(name)}`] : []));
  return [String(status), ...lines, ...(text === '' ? [] : ['', cut(text)])].join('\n');
}

function cut(text: string): string {
  return text.length > MAX_BODY ? `${text.slice(0, MAX_BODY)}… (${text.length} characters)` : text;
}
