import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError, type Session, type SessionEvent, type Turn } from '@parleyhq/client';
import { type Answers, optionOf } from './ask/answers.js';
import { createDelivery } from './deliver.js';
import { createPending, type Question } from './pending.js';

/** Where the questions of a turn are answered, one after another. */
export interface Desk {
  /** Whether somebody is being asked: what is written meanwhile would run into the question. */
  readonly isAsking: boolean;
  see(event: SessionEvent): void;
  /**
   * Answers what comes up until the turn has ended or the signal is aborted. Whether every patch that was to be applied has
   * landed. Rejects where an answer cannot be sent.
   */
  work(): Promise<boolean>;
  /** Decides about the patch that an isolated workspace has after a turn. Whether it landed, or was not to be applied. */
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
/** Milliseconds that an edit waits for the patch that the server makes of it: it reads the files first. */
const PATCH_PATIENCE = 2_000;

/** Sets up a desk; `work` and `see` run side by side. */
export function createDesk({ session, turn, answers, signal, tell, onShown, onIdle }: DeskOptions): Desk {
  const pending = createPending(turn.id, session.info.workspace);
  let ended = false;
  let wake: () => void = () => undefined;
  let onScreen = false;
  let allLanded = true;
  let failure: { readonly error: unknown } | undefined;
  const beside: Promise<void>[] = [];
  const delivery = createDelivery({ session, turn, signal, tell });
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
      // Applying takes until the agent has written, and it may ask for something else before that.
      background(
        delivery.apply(patch).then((landing) => {
          if (landing !== 'landed') pending.ungroup(key);
          if (landing === 'conflict') allLanded = false;
        }),
      );
      return;
    }
    pending.answered([key, ...approvals.map(({ approval_id }) => approval_id)]);
    for (const approval of approvals) {
      const option =
        answer === 'always' ? optionOf(approval, 'allow_always') : optionOf(approval, 'reject_once', 'reject_always');
      await delivery.choose(approval, option);
    }
  }

  async function handleApproval(question: Extract<Question, { kind: 'approval' }>): Promise<void> {
    const { key, approval, early } = question;
    const asked = await ask(question, async (stop) => {
      await delay(early ? PATCH_PATIENCE : GATHER, undefined, { signal: stop });
      onScreen = true;
      onShown([approval.tool_call.item_id]);
      return { option: await answers.approval(approval, stop) };
    });
    if (asked === undefined) return;
    pending.answered([key]);
    await delivery.choose(approval, asked.option);
  }

  async function handleElicitation(question: Extract<Question, { kind: 'elicitation' }>): Promise<void> {
    const { key, elicitation } = question;
    const asked = await ask(question, async (stop) => {
      onScreen = true;
      return { answer: await answers.elicitation(elicitation, stop) };
    });
    if (asked === undefined) return;
    // What does not fit the form is asked again.
    if (await delivery.answer(elicitation, asked.answer)) pending.answered([key]);
  }

  /** Goes on beside the questions; a failure ends the work. */
  function background(work: Promise<void>): void {
    beside.push(
      work.then(wakeUp, (error: unknown) => {
        failure = { error };
        wakeUp();
      }),
    );
  }

  function wakeUp(): void {
    wake();
  }

  return {
    get isAsking() {
      return onScreen;
    },
    see(event) {
      pending.see(event);
      if (event.type === 'turn_completed' && event.turn_id === turn.id) ended = true;
      if (asking !== undefined && !pending.isOpen(asking.question)) asking.stop.abort();
      wakeUp();
    },
    async work() {
      signal.addEventListener('abort', wakeUp, { once: true });
      while (!ended && !signal.aborted && failure === undefined) {
        const question = pending.next();
        if (question !== undefined) await handle(question);
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
      await Promise.all(beside);
      if (failure !== undefined) throw failure.error;
      return allLanded;
    },
    async settlePatch() {
      const { patch: summary } = await session.refresh({ signal });
      if (summary === null) return true;
      const patch = await session.patch({ signal });
      const answer = await answers.patch(patch, { always: false }, signal);
      return answer !== 'apply' || (await delivery.apply(patch)) === 'landed';
    },
  };
}

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
