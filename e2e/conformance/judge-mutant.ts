import { nameOf, type Outcome, type Report, type VerifyOptions, verify } from '@parleyhq/conformance';
import type { Mutant } from './mutants/mutant.js';
import type { Change } from './proxy/change.js';
import { startProxy } from './proxy/start-proxy.js';
import type { Server } from './server.js';

/** The result of a mutant. */
export type Fate =
  /** The rule that it names has failed. */
  | { readonly fate: 'killed'; readonly how: string }
  /** The rule that it names has passed, or has crashed. */
  | { readonly fate: 'survived'; readonly how: string }
  /** Its change never applied to anything on the wire. */
  | { readonly fate: 'not met'; readonly how: string };

/** Runs the kit against a server through a proxy that changes its answers. */
export async function verifyThrough(
  server: Server,
  change: Change,
  options: Omit<VerifyOptions, 'url' | 'token'> = {},
): Promise<Report> {
  const proxy = await startProxy(server.port, change);
  try {
    const { token, token2, project: cwd } = server;
    const restart = async () => {
      await server.restart();
      change.restarted?.();
    };
    return await verify({ token, token2, restart, cwd, level: 'full', ...options, url: proxy.url });
  } finally {
    await proxy.close();
  }
}

/** Runs the rules that a mutant names. Only the rule that must fail counts. */
export async function judgeMutant(server: Server, mutant: Mutant, seed: number): Promise<Fate> {
  const { killedBy, provokedBy = [], create } = mutant;
  const hits = { count: 0 };
  const rules = [killedBy, ...provokedBy];
  const { outcomes } = await verifyThrough(server, create(hits), { rules, seed });
  const named = outcomes.filter(({ rule }) => nameOf(rule) === killedBy || rule.id === killedBy);
  if (named.length === 0) return { fate: 'survived', how: `there is no rule ${killedBy}` };
  const broken = named.flatMap(({ failures }) => failures).filter(({ expected }) => expected !== CRASH);
  const [first] = broken;
  if (first !== undefined) return { fate: 'killed', how: `expected ${first.expected}, got ${first.got}` };
  if (hits.count === 0) return { fate: 'not met', how: 'nothing on the wire was changed' };
  return { fate: 'survived', how: named.map(tell).join('; ') };
}

/** Describes the outcome of a rule. A rule that crashed does not kill a mutant. */
const CRASH = 'the rule to be tried to its end';

function tell({ rule, status, reason, failures }: Outcome): string {
  return `${nameOf(rule)} ${status} ${reason ?? failures[0]?.got.split('\n', 1)[0] ?? ''}`.trim();
}
