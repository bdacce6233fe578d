import type { PlanEntry, Usage } from '@parleyhq/contract';
import { compact, type Raw, readCount, readObject, readObjects, readOneOf, readText } from './read.js';

const PRIORITIES = ['high', 'medium', 'low'] as const;
const STATUSES = ['pending', 'in_progress', 'completed'] as const;

/** Maps the entries of a plan. ACP sends the whole plan each time. */
export function mapPlan(entries: unknown): PlanEntry[] {
  return readObjects(entries, 1024).map((entry) => ({
    content: readText(entry.content, 8192) ?? '',
    priority: readOneOf(entry.priority, PRIORITIES) ?? 'medium',
    status: readOneOf(entry.status, STATUSES) ?? 'pending',
  }));
}

/** Maps a `usage_update`: the context and the cost of the whole session. */
export function mapUsage(update: Raw): Usage {
  const cost = readObject(update.cost);
  return compact({
    context_used: readCount(update.used),
    context_size: readCount(update.size),
    cost_amount: typeof cost?.amount === 'number' && cost.amount >= 0 ? cost.amount : undefined,
    cost_currency: readText(cost?.currency, 8),
  });
}

/** Maps the tokens of one turn, which some agents add to the answer to `session/prompt`. */
export function mapTurnUsage(value: unknown): Usage | undefined {
  const usage = readObject(value);
  if (!usage) return undefined;
  const tokens = compact({
    input_tokens: readCount(usage.inputTokens),
    output_tokens: readCount(usage.outputTokens),
    cached_tokens: readCount(usage.cachedReadTokens),
    reasoning_tokens: readCount(usage.thoughtTokens),
    total_tokens: readCount(usage.totalTokens),
  });
  return Object.keys(tokens).length > 0 ? tokens : undefined;
}
