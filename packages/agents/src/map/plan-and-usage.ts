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

/** The tokens in an agent's answer to `session/prompt`: of the session or of the turn, as the agent counts. */
export function mapAnswerUsage(answer: unknown): Usage | undefined {
  return mapTokens(readObject(answer)?.usage);
}

/** The tokens of a turn that Gemini CLI adds to its answer, outside of ACP. */
export function mapQuota(answer: unknown): Usage | undefined {
  const counts = readObject(readObject(metaOf(answer)?.quota)?.token_count);
  return mapTokens({ inputTokens: counts?.input_tokens, outputTokens: counts?.output_tokens });
}

/** The tokens of one call of a model that Qwen Code adds to a chunk, outside of ACP. */
export function mapChunkUsage(update: unknown): Usage | undefined {
  return mapTokens(metaOf(update)?.usage);
}

function metaOf(value: unknown): Raw | undefined {
  return readObject(readObject(value)?._meta);
}

function mapTokens(value: unknown): Usage | undefined {
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
