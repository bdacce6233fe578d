import { alone, type Mutant, mutant } from './mutant.js';
import { answering, asking, insteadOf, json, onceRestarted, refusal } from './wrongly.js';

/** Servers that break the promise that a patch needs consent. */
export const patchPromiseMutants: readonly Mutant[] = [
  // 7. A patch needs consent.
  mutant(
    7,
    'skip a check',
    'consent: the edit is allowed by policy',
    'rest/patch-direct',
    asking('createSession', (body) => {
      body.approval_policy = 'auto';
    }),
  ),
  mutant(
    7,
    'skip a check',
    'which patch is applied',
    'rest/patch-direct',
    asking('applyPatch', (body) => delete body.patch_id),
  ),
  mutant(
    7,
    'drop',
    'the files of a patch that is applied',
    'rest/patch-direct',
    insteadOf(['applyPatch'], () =>
      json(200, {
        status: 'applied',
        timestamp: Date.now(),
        patch_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f08',
        files: [],
      }),
    ),
  ),
  mutant(
    7,
    'drop',
    'the diff of a patch',
    'rest/patch-direct',
    answering('getPatch', (body) => {
      body.diff = '';
    }),
  ),
  mutant(
    7,
    'drop',
    'a file of a patch',
    'rest/patch-isolated',
    answering('getPatch', (body) => {
      if (Array.isArray(body.files)) body.files.pop();
    }),
  ),
  mutant(
    7,
    'skip a check',
    'a rejection: it is taken for consent',
    'rest/patch-rejected',
    asking('submit', (body) => {
      if (body.decision !== 'reject_once') return false;
      body.decision = 'allow_once';
    }),
  ),
  mutant(
    7,
    'skip a check',
    'the copy: the agent works in cwd',
    'rest/patch-isolated',
    asking('createSession', (body) => {
      if (body.workspace !== 'isolated') return false;
      body.workspace = 'direct';
      body.approval_policy = 'auto';
    }),
  ),
  mutant(
    7,
    'wrong value',
    'applicable, where it is in the way of something',
    'rest/patch-isolated',
    answering('getPatch', (body) => {
      if (body.applicable === true) return false;
      body.applicable = true;
    }),
  ),
  alone(
    7,
    'drop',
    'a pending patch after a crash',
    'rest/restart-patch',
    onceRestarted(insteadOf(['getPatch'], () => refusal(409, 'NoPendingPatch'))),
  ),
];
