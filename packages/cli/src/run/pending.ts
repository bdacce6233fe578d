import type { Approval, Elicitation, SessionEvent } from '@parleyhq/client';

/** A question of the agent. `key` is unique. */
export type Question =
  | { readonly kind: 'patch'; readonly key: string; readonly patchId: string; readonly approvals: readonly Approval[] }
  | {
      readonly kind: 'approval';
      readonly key: string;
      readonly approval: Approval;
      /** The server may yet make a patch of it, which is then asked for in its place. */
      readonly early: boolean;
    }
  | { readonly kind: 'elicitation'; readonly key: string; readonly elicitation: Elicitation };

/** The open questions of a turn, from its events. */
export interface Pending {
  onEvent(event: SessionEvent): void;
  /** The first question without an answer; undefined if there is none. */
  next(): Question | undefined;
  /** Whether a question, in this form, still waits for an answer. */
  isOpen(question: Question): boolean;
  /** Marks questions as answered, so that they are not asked again while the answer is sent. */
  answered(keys: readonly string[]): void;
  /** Called if a patch could not be applied: its edits are then asked for one by one. */
  ungroup(patchId: string): void;
}

/**
 * Creates the open questions of one turn. In a direct workspace the edits that wait for consent form one patch. They
 * are asked for together, and one by one only if there is no patch of them.
 */
export function createPending(turnId: string, workspace: string): Pending {
  const approvals = new Map<string, Approval>();
  const elicitations = new Map<string, Elicitation>();
  const answered = new Set<string>();
  const ungrouped = new Set<string>();
  let patchId: string | undefined;

  /** Whether the edits are asked for together. True also while the answer to that is being sent. */
  function isGrouped(): boolean {
    return patchId !== undefined && !ungrouped.has(patchId);
  }

  function patchQuestion(): Question | undefined {
    if (patchId === undefined || !isGrouped() || answered.has(patchId)) return undefined;
    const edits = [...approvals.values()].filter(isEdit);
    return { kind: 'patch', key: patchId, patchId, approvals: edits };
  }

  return {
    onEvent(event) {
      if ('turn_id' in event && event.turn_id !== turnId) return;
      switch (event.type) {
        case 'approval_requested':
          approvals.set(event.approval.approval_id, event.approval);
          return;
        case 'approval_resolved':
          approvals.delete(event.approval_id);
          return;
        case 'elicitation_requested':
          elicitations.set(event.elicitation.elicitation_id, event.elicitation);
          return;
        case 'elicitation_resolved':
          elicitations.delete(event.elicitation_id);
          return;
        case 'patch_updated':
          // In an isolated workspace the user decides at the end of the turn.
          if (workspace === 'direct') patchId = event.patch?.patch_id;
          return;
        case 'turn_completed':
          approvals.clear();
          elicitations.clear();
          patchId = undefined;
          return;
        case 'unknown':
        case 'session_created':
        case 'session_updated':
        case 'session_closed':
        case 'submission_accepted':
        case 'turn_started':
        case 'item_started':
        case 'item_updated':
        case 'item_delta':
        case 'item_completed':
        case 'plan_updated':
        case 'patch_applied':
        case 'patch_reverted':
        case 'usage_updated':
        case 'notice':
          return; // asks nothing, and answers nothing
        default:
          event satisfies never;
      }
    },
    next() {
      const patch = patchQuestion();
      if (patch !== undefined) return patch;
      for (const [key, approval] of approvals) {
        const edit = isEdit(approval);
        if (answered.has(key) || (isGrouped() && edit)) continue;
        return { kind: 'approval', key, approval, early: edit && workspace === 'direct' && patchId === undefined };
      }
      for (const [key, elicitation] of elicitations) {
        if (!answered.has(key)) return { kind: 'elicitation', key, elicitation };
      }
      return undefined;
    },
    isOpen(question) {
      switch (question.kind) {
        case 'patch':
          return question.patchId === patchId;
        case 'approval':
          return approvals.has(question.key) && !(isGrouped() && isEdit(question.approval));
        case 'elicitation':
          return elicitations.has(question.key);
      }
    },
    answered(keys) {
      for (const key of keys) answered.add(key);
    },
    ungroup: (id) => void ungrouped.add(id),
  };
}

/** Whether an approval is for an edit of files with a diff. */
function isEdit({ tool_call }: Approval): boolean {
  return tool_call.content.some(({ type }) => type === 'diff');
}
