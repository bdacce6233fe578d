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

/** The way of answers to the server. What somebody else has answered meanwhile, or a turn that has ended, is no error. */
export interface Delivery {
  /** Chooses an option; interrupts the turn where there is none to choose. */
  choose(approval: Approval, option: ApprovalOption | undefined): Promise<void>;
  /** Whether the answers fit the form; if not, people are told why. */
  answer(elicitation: Elicitation, answer: FormAnswer): Promise<boolean>;
  /** Applies a patch; where files stand in its way, people are told. */
  apply(patch: Patch): Promise<Landing>;
}

/** What became of a patch. `superseded`: another one is pending by now, or none. */
export type Landing = 'landed' | 'conflict' | 'superseded';

/** What a delivery needs. */
export interface DeliveryOptions {
  readonly session: Session;
  readonly turn: Turn;
  readonly signal: AbortSignal;
  readonly tell: (what: string) => void;
}

const LATE = ['ApprovalResolved', 'ApprovalNotFound', 'SessionClosed'];
const NOT_APPLIED = ['PatchConflict', 'PatchSuperseded', 'NoPendingPatch', 'SessionClosed'];

/** Delivers the answers of one turn. */
export function createDelivery({ session, turn, signal, tell }: DeliveryOptions): Delivery {
  /** The refusal of a call, where its code is one of these. */
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
      else await refusalOf(session.approve(approval, option, { signal }), LATE);
    },
    async answer(elicitation, answer) {
      const refusal = await refusalOf(session.answer(elicitation, answer, { signal }), [...LATE, 'InvalidRequest']);
      if (refusal?.code !== 'InvalidRequest') return true;
      tell([refusal.reason, ...refusal.details.map(({ pointer, message }) => `${pointer}: ${message}`)].join(' '));
      return false;
    },
    async apply(patch) {
      const refusal = await refusalOf(session.applyPatch(patch, { signal }), NOT_APPLIED);
      if (refusal === undefined) return 'landed';
      if (refusal.code !== 'PatchConflict') return 'superseded';
      tell([refusal.reason, ...refusal.details.map(({ message }) => message)].join(' '));
      return 'conflict';
    },
  };
}
