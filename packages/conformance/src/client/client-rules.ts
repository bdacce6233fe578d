import type { ClientRule } from './client-rule.js';
import { BREAKS } from './scenarios/breaks.js';
import { CLOSES, REFUSALS } from './scenarios/ends.js';
import { LIVENESS } from './scenarios/liveness.js';
import { UNKNOWNS } from './scenarios/unknown.js';

/** Every rule for clients, in the order in which they are reported. */
export const CLIENT_RULES: readonly ClientRule[] = [...BREAKS, ...UNKNOWNS, ...CLOSES, ...REFUSALS, ...LIVENESS];
