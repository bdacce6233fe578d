import type { Rule } from '../rule.js';
import { accessRules } from './access-rules.js';
import { accountRules } from './account-rules.js';
import { agentLoginRules } from './agent-login-rules.js';
import { agentSessionRules } from './agent-session-rules.js';
import { answerRules } from './answer-rules.js';
import { bodyRules } from './body-rules.js';
import { exampleRules } from './example-rules.js';
import { forkRules } from './fork-rules.js';
import { historyRules } from './history-rules.js';
import { idempotencyRules } from './idempotency-rules.js';
import { invalidRules } from './invalid-rules.js';
import { listRules } from './list-rules.js';
import { loginRules } from './login-rules.js';
import { patchRules } from './patch-rules.js';
import { questionRules } from './question-rules.js';
import { randomRules } from './random-rules.js';
import { restartRules } from './restart-rules.js';
import { sessionRules } from './session-rules.js';
import { systemRules } from './system-rules.js';
import { turnRules } from './turn-rules.js';

/** The rules of REST: openapi.yaml and PROTOCOL.md. */
export const REST_RULES: readonly Rule[] = [
  ...exampleRules,
  ...sessionRules,
  ...agentSessionRules,
  ...forkRules,
  ...listRules,
  ...historyRules,
  ...idempotencyRules,
  ...loginRules,
  ...systemRules,
  ...agentLoginRules,
  ...turnRules,
  ...questionRules,
  ...patchRules,
  ...randomRules,
  ...accountRules,
  ...restartRules,
  ...accessRules,
  ...invalidRules,
  ...bodyRules,
  ...answerRules,
];
