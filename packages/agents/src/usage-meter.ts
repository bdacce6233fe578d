import type { Usage } from '@parleyhq/contract';
import type { AgentDefinition } from './definition.js';

/** Tells what each turn has used, by one process of an agent. */
export interface UsageMeter {
  /** What a turn has used, from what the agent says at its end. To be called once for each turn that has such an answer. */
  turn(said: Usage): Usage;
}

/**
 * Creates a meter. By ACP, the usage in the answer to `session/prompt` is the sum across the session; it begins at 0 with each
 * process. An agent whose count becomes smaller counts by turn, and is taken to do so from then on.
 */
export function createUsageMeter(counts: AgentDefinition['usageCounts'] = 'session'): UsageMeter {
  let byTurn = counts === 'turn';
  let sum: TokenCounts = {};
  return {
    turn(said) {
      // Without this: shows fewer than no tokens for an agent that counts by turn
      byTurn ||= TOKENS.some((name) => (said[name] ?? Number.POSITIVE_INFINITY) < (sum[name] ?? 0));
      if (byTurn) return said;
      const before = sum;
      sum = { ...sum, ...said };
      return perToken((name) => (said[name] === undefined ? undefined : said[name] - (before[name] ?? 0)));
    },
  };
}

const TOKENS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'total_tokens'] as const;

type TokenCounts = Pick<Usage, (typeof TOKENS)[number]>;

/** The tokens of both together, without context and cost. */
export function addTokens(one: Usage, other: Usage): Usage {
  return perToken((name) => {
    const counts = [one[name], other[name]].filter((count) => count !== undefined);
    return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count);
  });
}

function perToken(countOf: (name: (typeof TOKENS)[number]) => number | undefined): TokenCounts {
  return Object.fromEntries(
    TOKENS.flatMap((name) => {
      const count = countOf(name);
      return count === undefined ? [] : [[name, count]];
    }),
  );
}
