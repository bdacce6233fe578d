import type { Patch } from '@parleyhq/client';
import { type Answers, optionOf } from './answers.js';

/** What was decided on the command line. */
export interface AloneOptions {
  /** Approve everything, each thing once. */
  readonly yes: boolean;
  /** Shows a patch before it is decided about. */
  readonly show: (patch: Patch) => void;
  /** Tells people what was decided in their place. */
  readonly tell: (what: string) => void;
}

const NOBODY = 'nobody can be asked here (--yes approves everything once)';

/**
 * Answers where nobody is asked: everything is allowed once with `--yes`, else rejected once. Nothing that lasts longer is
 * ever chosen, and no question is answered.
 */
export function answerAlone({ yes, show, tell }: AloneOptions): Answers {
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
      tell('The agent has a question, and nobody can be asked here: it was cancelled.');
      return 'cancel';
    },
  };
}
