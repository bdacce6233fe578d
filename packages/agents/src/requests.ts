import type { ApprovalOption, ToolCallItem } from '@parleyhq/contract';

/** A change that waits for permission, as the agent describes it. Agents differ in what they send: see each field. */
export interface ProposedEdit {
  /** As the agent gave it: absolute, or relative to the session's `cwd`. */
  readonly path: string;
  /** The file's old content, a snippet of it, or null (a new file; with some agents an existing one too). */
  readonly oldText: string | null;
  /** The new content, or the snippet's; null, as `oldText` then is, if they were too large to be kept. */
  readonly newText: string | null;
}

/** The agent asks for permission. The events of its tool call have been delivered before. */
export interface PermissionRequest {
  readonly turnId: string;
  /** The item that needs permission, as it is now. */
  readonly toolCall: ToolCallItem;
  readonly options: readonly ApprovalOption[];
  /** The diffs of the tool call. Their texts are never cut (those inside `toolCall` may be): they are whole or null. */
  readonly edits: readonly ProposedEdit[];
  /** How many more diffs it has, of which not even the path could be kept. */
  readonly editsOmitted: number;
}

/** What the user, a policy or a time-out decided. */
export type PermissionOutcome =
  | { readonly outcome: 'selected'; readonly optionId: string }
  | { readonly outcome: 'cancelled' };

/** The agent asks the user for something: a form (`requestedSchema`) or to open a page (`url`). */
export interface ElicitationRequest {
  readonly turnId?: string;
  readonly message: string;
  readonly mode: 'form' | 'url';
  /** With `form`: a flat JSON Schema of the answers. */
  readonly requestedSchema?: Readonly<Record<string, unknown>>;
  readonly url?: string;
}

/** The user's answer; `content` fits `requestedSchema`. */
export type ElicitationOutcome =
  | { readonly action: 'accept'; readonly content?: Readonly<Record<string, unknown>> }
  | { readonly action: 'decline' }
  | { readonly action: 'cancel' };
