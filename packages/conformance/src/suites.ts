import { EVENTS_RULES } from './events/events-rules.js';
import { REST_RULES } from './rest/rest-rules.js';
import type { Rule, SuiteName } from './rule.js';

/** Every rule by suite, in the order of reports. */
export const SUITES: Readonly<Record<SuiteName, readonly Rule[]>> = {
  rest: REST_RULES,
  events: EVENTS_RULES,
};
