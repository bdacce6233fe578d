import type { Approval, ApprovalOption, Elicitation, Patch } from '@parleyhq/client';

/** The answer to a patch. `always`: apply it, and allow later edits of this session without asking. */
export type PatchAnswer = 'apply' | 'always' | 'reject';

/** The answer to an elicitation: the values by field, or that there are none. */
export type FormAnswer = Readonly<Record<string, unknown>> | 'decline' | 'cancel';

/**
 * Answers questions of the agent: by asking a person, or by options of the command. All reject with the signal's
 * reason.
 */
export interface Answers {
  /** `always`: whether the agent offers to allow later edits without asking. */
  patch(patch: Patch, options: { readonly always: boolean }, signal: AbortSignal): Promise<PatchAnswer>;
  /** One of the approval's options. If none fits, undefined: the turn is then interrupted. */
  approval(approval: Approval, signal: AbortSignal): Promise<ApprovalOption | undefined>;
  elicitation(elicitation: Elicitation, signal: AbortSignal): Promise<FormAnswer>;
}

/** The option of the first of these kinds that the agent offers; undefined if it offers none of them. */
export function optionOf(
  { options }: Pick<Approval, 'options'>,
  ...kinds: readonly ApprovalOption['kind'][]
): ApprovalOption | undefined {
  for (const kind of kinds) {
    const found = options.find((option) => option.kind === kind);
    if (found !== undefined) return found;
  }
  return undefined;
}
