import {
  type Approval,
  type ApprovalOption,
  type Elicitation,
  type Patch,
  ServiceError,
  type Session,
  type Turn,
} from '@parleyhq/client';
import type { FormAnswer } from './ask/answers.js';

/** Sends answers to the server. It is no error if another client answered first or the turn has ended. */
export interface Delivery {
  /** Chooses an option of an approval. Without an option it interrupts the turn. */
  choose(approval: Approval, option: ApprovalOption | undefined): Promise<void>;
  /** Answers an elicitation. Resolves with whether the answer fits the form; if not, `tell` says why. */
  answer(elicitation: Elicitation, answer: FormAnswer): Promise<boolean>;
  /** Applies a patch. On a conflict, `tell` names the files. */
  apply(patch: Patch): Promise<ApplyResult>;
}

/** The result of applying a patch. `superseded`: the patch is no longer the pending one. */
export type ApplyResult = 'applied' | 'conflict' | 'superseded';

/** What a delivery needs. */
export interface DeliveryOptions {
  readonly session: Session;
  readonly turn: Turn;
  readonly signal: AbortSignal;
  readonly tell: (what: string) => void;
}

const ALREADY_ANSWERED = ['ApprovalResolved', 'ApprovalNotFound', 'SessionClosed'];
const NOT_APPLIED = ['PatchConflict', 'PatchSuperseded', 'NoPendingPatch', 'SessionClosed'];

/** Creates the delivery for one turn. */
export function createDelivery({ session, turn, signal, tell }: DeliveryOptions): Delivery {
  /** Resolves with the refusal of a call if its code is one of these, and with undefined if the call succeeds. */
  async function refusalOf(call: Promise<unknown>, codes: readonly string[]): Promise<ServiceError | undefined> {
    try {
      await call;
      return undefined;
    } catch (error) {
      if (error instanceof ServiceError && codes.includes(error.code)) return error;
      throw error;
    }
  }

  return {
    async choose(approval, option) {
      if (option === undefined) await session.interrupt({ turn, signal });
      else await refusalOf(session.approve(approval, option, { signal }), ALREADY_ANSWERED);
    },
    async answer(elicitation, answer) {
      const refusal = await refusalOf(session.answer(elicitation, answer, { signal }), [
        ...ALREADY_ANSWERED,
        'InvalidRequest',
      ]);
      if (refusal?.code !== 'InvalidRequest') return true;
      tell([refusal.reason, ...refusal.details.map(({ pointer, message }) => `${pointer}: ${message}`)].join(' '));
      return false;
    },
    async apply(patch) {
      const refusal = await refusalOf(session.applyPatch(patch, { signal }), NOT_APPLIED);
      if (refusal === undefined) return 'applied';
      if (refusal.code !== 'PatchConflict') return 'superseded';
      tell([refusal.reason, ...refusal.details.map(({ message }) => message)].join(' '));
      return 'conflict';
    },
  };
}
