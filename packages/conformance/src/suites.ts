import { EVENTS_RULES } from './events/events-rules.js';
import { REST_RULES } from './rest/rest-rules.js';
import type { Rule, SuiteName } from './rule.js';

/** Every rule, by the suite that it is of, in the order in which they are reported. */
export const SUITES: Readonly<Record<SuiteName, readonly Rule[]>> = {
  rest: REST_RULES,
  events: EVENTS_RULES,
};
