import type { Patch } from '@parleyhq/client';
import { type Answers, optionOf } from './answers.js';

/** How questions are answered without a person. */
export interface UnattendedOptions {
  /** Whether everything is approved, each time once. */
  readonly yes: boolean;
  /** Shows a patch before it is applied or rejected. */
  readonly show: (patch: Patch) => void;
  /** Reports what was decided. */
  readonly tell: (what: string) => void;
}

const NOBODY = 'there is no terminal to ask at (--yes approves everything once)';

/**
 * Answers without asking a person. With `--yes` everything is allowed once, else everything is rejected once. It never
 * chooses an option that applies to later requests, except a rejection if there is no other. Elicitations are
 * cancelled.
 */
export function answerUnattended({ yes, show, tell }: UnattendedOptions): Answers {
  return {
    async patch(patch) {
      show(patch);
      if (yes && patch.applicable) return 'apply';
      tell(yes ? 'The patch has conflicts and was not applied.' : `The patch was not applied: ${NOBODY}.`);
      return 'reject';
    },
    async approval(approval) {
      const { title, kind } = approval.tool_call;
      const allowed = yes ? optionOf(approval, 'allow_once') : undefined;
      if (allowed === undefined) {
        tell(`Rejected: ${title || kind}: ${yes ? 'it cannot be allowed once' : NOBODY}.`);
      }
      return allowed ?? optionOf(approval, 'reject_once', 'reject_always');
    },
    async elicitation() {
      tell('The agent has a question, and there is no terminal to ask at: it was cancelled.');
      return 'cancel';
    },
  };
}
