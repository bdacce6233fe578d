import { setTimeout as delay } from 'node:timers/promises';
import { type Patch, ServiceError, type Session, type SessionEvent, type Turn } from '@parleyhq/client';
import { type Answers, optionOf } from './ask/answers.js';
import { createPending, type Question } from './pending.js';

/** Where the questions of a turn are answered, one after another. */
export interface Desk {
  /** Whether somebody is being asked: what is written meanwhile would run into the question. */
  readonly isAsking: boolean;
  see(event: SessionEvent): void;
  /** Answers what comes up until the turn has ended or the signal is aborted. Rejects where an answer cannot be sent. */
  work(): Promise<void>;
  /** The patch that is pending after a turn in an isolated workspace. Whether it was applied, or nobody wanted that. */
  settlePatch(): Promise<boolean>;
}

/** What a desk needs. */
export interface DeskOptions {
  readonly session: Session;
  readonly turn: Turn;
  readonly answers: Answers;
  /** Quits. */
  readonly signal: AbortSignal;
  /** Tells people what came of an answer. */
  readonly tell: (what: string) => void;
  /** The diffs of these tool calls have been shown. */
  readonly onShown: (itemIds: readonly string[]) => void;
  /** Nobody is being asked any more. */
  readonly onIdle: () => void;
}

/** Milliseconds that a question waits for others that come with it: the edits of one patch are asked for one by one. */
const GATHER = 100;

/** Sets up a desk; `work` and `see` run side by side. */
export function createDesk({ session, turn, answers, signal, tell, onShown, onIdle }: DeskOptions): Desk {
  const pending = createPending(turn.id, session.info.workspace);
  let ended = false;
  let wake: () => void = () => undefined;
  let onScreen = false;
  let asking: { readonly question: Question; readonly stop: AbortController } | undefined;

  /** Asks, until the answer is there or the question is another one. */
  async function ask<T>(question: Question, answer: (stop: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const stop = new AbortController();
    asking = { question, stop };
    try {
      return await answer(AbortSignal.any([stop.signal, signal]));
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      return undefined;
    } finally {
      asking = undefined;
      onScreen = false;
      onIdle();
    }
  }

  async function handle(question: Question): Promise<void> {
    switch (question.kind) {
      case 'patch':
        return handlePatch(question);
      case 'approval':
        return handleApproval(question);
      case 'elicitation':
        return handleElicitation(question);
    }
  }

  async function handlePatch(question: Extract<Question, { kind: 'patch' }>): Promise<void> {
    const { key, approvals } = question;
    const always = approvals.length > 0 && approvals.every((approval) => optionOf(approval, 'allow_always'));
    const asked = await ask(question, async (stop) => {
      await delay(GATHER, undefined, { signal: stop });
      const patch = await session.patch({ signal: stop }).catch(noneWhereAnswered);
      // Another one by now, or none: the event that says so is on its way.
      if (patch?.patch_id !== key) return aborted(stop);
      onScreen = true;
      onShown(approvals.map(({ tool_call }) => tool_call.item_id));
      return { patch, answer: await answers.patch(patch, { always }, stop) };
    });
    if (asked === undefined) return;
    const { patch, answer } = asked;
    if (answer === 'apply') {
      pending.answered([key]);
      if (await apply(patch)) pending.answered(approvals.map(({ approval_id }) => approval_id));
      return;
    }
    pending.answered([key, ...approvals.map(({ approval_id }) => approval_id)]);
    for (const approval of approvals) {
      const option =
        answer === 'always' ? optionOf(approval, 'allow_always') : optionOf(approval, 'reject_once', 'reject_always');
      await send(() => (option === undefined ? interrupt() : session.approve(approval, option, { signal })));
    }
  }

  async function handleApproval(question: Extract<Question, { kind: 'approval' }>): Promise<void> {
    const { key, approval } = question;
    const asked = await ask(question, async (stop) => {
      await delay(GATHER, undefined, { signal: stop });
      onScreen = true;
      onShown([approval.tool_call.item_id]);
      return { option: await answers.approval(approval, stop) };
    });
    if (asked === undefined) return;
    const { option } = asked;
    pending.answered([key]);
    await send(() => (option === undefined ? interrupt() : session.approve(approval, option, { signal })));
  }

  async function handleElicitation(question: Extract<Question, { kind: 'elicitation' }>): Promise<void> {
    const { key, elicitation } = question;
    const asked = await ask(question, async (stop) => {
      onScreen = true;
      return { answer: await answers.elicitation(elicitation, stop) };
    });
    if (asked === undefined) return;
    try {
      await send(() => session.answer(elicitation, asked.answer, { signal }));
      pending.answered([key]);
    } catch (error) {
      // It does not fit the form: the same question again.
      if (!(error instanceof ServiceError && error.code === 'InvalidRequest')) throw error;
      tell([error.reason, ...error.details.map(({ pointer, message }) => `${pointer}: ${message}`)].join(' '));
    }
  }

  /** Sends an answer, unless somebody else was faster. */
  async function send(answer: () => Promise<unknown>): Promise<void> {
    try {
      await answer();
    } catch (error) {
      const late =
        error instanceof ServiceError && (error.code === 'ApprovalResolved' || error.code === 'ApprovalNotFound');
      if (!late) throw error;
    }
  }

  function interrupt(): Promise<unknown> {
    return session.interrupt({ turn, signal });
  }

  /** Applies a patch. Whether it landed; if not, people are told why. */
  async function apply(patch: Patch): Promise<boolean> {
    try {
      await session.applyPatch(patch, { signal });
      return true;
    } catch (error) {
      if (!(error instanceof ServiceError) || !REFUSALS.includes(error.code)) throw error;
      if (error.code === 'PatchConflict') {
        tell([error.reason, ...error.details.map(({ message }) => message)].join(' '));
      }
      return false;
    }
  }

  return {
    get isAsking() {
      return onScreen;
    },
    see(event) {
      pending.see(event);
      if (event.type === 'turn_completed' && event.turn_id === turn.id) ended = true;
      if (asking !== undefined && !pending.isOpen(asking.question)) asking.stop.abort();
      wake();
    },
    async work() {
      signal.addEventListener('abort', () => wake(), { once: true });
      while (!ended && !signal.aborted) {
        const question = pending.next();
        if (question !== undefined) await handle(question);
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
    async settlePatch() {
      const { patch: summary } = await session.refresh({ signal });
      if (summary === null) return true;
      const patch = await session.patch({ signal });
      const answer = await answers.patch(patch, { always: false }, signal);
      return answer === 'apply' ? apply(patch) : true;
    },
  };
}

/** What applying may answer where nothing is wrong with this program. */
const REFUSALS: readonly string[] = ['PatchConflict', 'PatchSuperseded', 'NoPendingPatch'];

function noneWhereAnswered(error: unknown): undefined {
  if (!(error instanceof ServiceError && error.code === 'NoPendingPatch')) throw error;
}

/** Waits until the signal is aborted, and rejects with its reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
