import type { Approval, ApprovalOption, Elicitation, Patch } from '@parleyhq/client';

/** What is done with a patch. `always`: this one, and the agent need not ask again in this session. */
export type PatchAnswer = 'apply' | 'always' | 'reject';

/** What is said to a question of the agent: the answers by field, or that there are none. */
export type FormAnswer = Readonly<Record<string, unknown>> | 'decline' | 'cancel';

/** Who answers what the agent asks: a person, or what was said on the command line. All reject with the signal's reason. */
export interface Answers {
  /** `always`: whether the agent offers not to ask again. */
  patch(patch: Patch, options: { readonly always: boolean }, signal: AbortSignal): Promise<PatchAnswer>;
  /** One of the approval's options; undefined where none fits, which interrupts the turn. */
  approval(approval: Approval, signal: AbortSignal): Promise<ApprovalOption | undefined>;
  elicitation(elicitation: Elicitation, signal: AbortSignal): Promise<FormAnswer>;
}

/** The option of the first of these kinds that the agent offers. */
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
