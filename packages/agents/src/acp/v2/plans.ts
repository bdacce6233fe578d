import { type Raw, readObject, readObjects, readText, readWithin } from '../../map/read.js';
import { forgetOldest, idOf, type Update } from './wire.js';

/** The plans of an agent. Version 1 has one: it shows the entries of all. */
export interface Plans {
  /** A `plan_update`. */
  update(plan: unknown): Update[];
  /** A `plan_removed`. */
  remove(planId: unknown): Update[];
}

const MAX_PLANS = 16;
/** The most characters of a plan as JSON: more do not fit into an event. */
const MAX_PLAN = 262_144;

/** Creates it, without plans. */
export function createPlans(): Plans {
  const plans = new Map<string, Raw[]>();
  const all = (): Update[] => [{ sessionUpdate: 'plan', entries: [...plans.values()].flat() }];
  return {
    update(given) {
      const plan = readObject(given) ?? {};
      plans.set(idOf(plan.planId), readWithin(entriesOf(plan), MAX_PLAN));
      forgetOldest(plans, MAX_PLANS);
      return all();
    },
    remove(planId) {
      return plans.delete(idOf(planId)) ? all() : [];
    },
  };
}

function entriesOf(plan: Raw): Raw[] {
  if (plan.type === 'items') return readObjects(plan.entries, 1_024).map(mapEntry);
  const text = readText(plan.content) ?? readText(plan.uri) ?? JSON.stringify(plan);
  return [{ content: readText(text, 8_192), priority: 'medium', status: 'in_progress' }];
}

/** Version 1 has no entries that were given up: nothing is left to do for one. */
function mapEntry(entry: Raw): Raw {
  if (entry.status !== 'cancelled') return entry;
  return { ...entry, content: `${entry.content} (cancelled)`, status: 'completed' };
}
