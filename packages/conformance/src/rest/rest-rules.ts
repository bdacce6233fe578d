import type { Rule } from '../rule.js';
import { answerRules } from './answer-rules.js';
import { healthRules } from './health-rules.js';

/** The rules of REST: openapi.yaml and PROTOCOL.md. */
export const REST_RULES: readonly Rule[] = [...healthRules, ...answerRules];
