import { readObjects, readText } from '../../map/read.js';
import { forgetOldest, idOf, notice, type Update } from './wire.js';

/** The times that an agent has made its context smaller. */
export interface Compactions {
  /** A `compaction_update`. */
  update(update: Update): Update[];
  /** A `compaction_summary_chunk`. */
  chunk(update: Update): Update[];
}

/** A notice has no room for more. */
const MAX_SUMMARY = 8_000;
const MAX_COMPACTIONS = 16;

/** Creates it. What the agent gives as a summary is told when the compaction is over. */
export function createCompactions(): Compactions {
  const summaries = new Map<string, string>();
  const keep = (id: unknown, summary: string) => {
    summaries.set(idOf(id), summary.slice(0, MAX_SUMMARY));
    forgetOldest(summaries, MAX_COMPACTIONS);
  };
  return {
    update(update) {
      const { compactionId, status, summary, error } = update;
      const key = idOf(compactionId);
      if (summary !== undefined) keep(key, readObjects(summary, 256).map(textOf).join('\n'));
      const told = status === 'in_progress' ? '' : (summaries.get(key) ?? '');
      if (told !== '') summaries.delete(key);
      const why = readText(error);
      return [
        update,
        ...(told === '' ? [] : [notice('info', 'What the agent keeps of its context', told)]),
        ...(why ? [notice('warning', 'The agent could not compact its context', why)] : []),
      ];
    },
    chunk({ compactionId, content }) {
      keep(compactionId, (summaries.get(idOf(compactionId)) ?? '') + textOf(content));
      return [];
    },
  };
}

function textOf(block: unknown): string {
  const { type, text } = Object(block) as { type?: unknown; text?: unknown };
  return readText(text) ?? `[${readText(type, 64) ?? 'unknown'}]`;
}
