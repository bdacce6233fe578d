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
 * chooses an option that applies to later requests, except a rejection if there is no other. Questions are cancelled: those of
 * elicitations, and those with several ways to allow.
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
      const ways = approval.options.filter((option) => option.kind === 'allow_once');
      const allowed = yes && ways.length === 1 ? ways[0] : undefined;
      if (allowed === undefined) {
        const why = ways.length === 0 ? 'it cannot be allowed once' : 'it is a question, which needs a person';
        tell(`Rejected: ${title || kind}: ${yes ? why : NOBODY}.`);
      }
      return allowed ?? optionOf(approval, 'reject_once', 'reject_always');
    },
    async elicitation() {
      tell('The agent has a question, and there is no terminal to ask at: it was cancelled.');
      return 'cancel';
    },
  };
}
