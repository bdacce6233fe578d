import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError, type Session, type SessionEvent, type Turn } from '@parleyhq/client';
import { type Answers, optionOf } from './ask/answers.js';
import { createDelivery } from './deliver.js';
import { createPending, type Question } from './pending.js';

/** Gets the questions of a turn answered, one after another. */
export interface QuestionHandler {
  /** Whether a question is on the screen: other output would be mixed into it. */
  readonly isAsking: boolean;
  /** Takes in an event of the session. */
  onEvent(event: SessionEvent): void;
  /**
   * Answers questions until the turn has ended or the signal is aborted. Resolves with whether every patch that the
   * user accepted was applied. Rejects if an answer cannot be sent.
   */
  work(): Promise<boolean>;
  /**
   * Asks about the patch of an isolated workspace after a turn. Resolves with false if it was accepted but not applied.
   */
  settlePatch(): Promise<boolean>;
}

/** What a question handler needs. */
export interface QuestionHandlerOptions {
  readonly session: Session;
  readonly turn: Turn;
  readonly answers: Answers;
  /** Aborts the work. */
  readonly signal: AbortSignal;
  /** Reports the result of an answer. */
  readonly tell: (what: string) => void;
  /** Called when the diffs of these tool calls have been shown. */
  readonly onShown: (itemIds: readonly string[]) => void;
  /** Called when no question is on the screen any more. */
  readonly onIdle: () => void;
}

/** Milliseconds that a question waits for related ones: the agent asks for the edits of one patch one by one. */
const GATHER_DELAY = 100;
/** Milliseconds that an edit waits for its patch: the server reads the files before it creates one. */
const PATCH_TIMEOUT = 2_000;

/** Creates a question handler. Call `onEvent` with each event while `work` runs. */
export function createQuestionHandler({
  session,
  turn,
  answers,
  signal,
  tell,
  onShown,
  onIdle,
}: QuestionHandlerOptions): QuestionHandler {
  const pending = createPending(turn.id, session.info.workspace);
  let ended = false;
  let wake: () => void = () => undefined;
  let onScreen = false;
  let allApplied = true;
  let failure: { readonly error: unknown } | undefined;
  const backgroundWork: Promise<void>[] = [];
  const delivery = createDelivery({ session, turn, signal, tell });
  let asking: { readonly question: Question; readonly stop: AbortController } | undefined;

  /** Asks a question. Resolves with undefined if the question is no longer open before it is answered. */
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
      await delay(GATHER_DELAY, undefined, { signal: stop });
      const patch = await session.patch({ signal: stop }).catch(ignoreNoPendingPatch);
      // The patch has changed: wait for the event that says so, which ends this question.
      if (patch?.patch_id !== key) return rejectOnAbort(stop);
      onScreen = true;
      onShown(approvals.map(({ tool_call }) => tool_call.item_id));
      return { patch, answer: await answers.patch(patch, { always }, stop) };
    });
    if (asked === undefined) return;
    const { patch, answer } = asked;
    if (answer === 'apply') {
      pending.answered([key]);
      // Applying ends only when the agent has written the files, and before that it may ask for something else.
      background(
        delivery.apply(patch).then((result) => {
          if (result !== 'applied') pending.ungroup(key);
          if (result === 'conflict') allApplied = false;
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
      await delay(early ? PATCH_TIMEOUT : GATHER_DELAY, undefined, { signal: stop });
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
    // If the answer does not fit the form, the question is asked again.
    if (await delivery.answer(elicitation, asked.answer)) pending.answered([key]);
  }

  /** Runs work in parallel to the questions. If it fails, `work` rejects. */
  function background(work: Promise<void>): void {
    backgroundWork.push(
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
    onEvent(event) {
      pending.onEvent(event);
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
      await Promise.all(backgroundWork);
      if (failure !== undefined) throw failure.error;
      return allApplied;
    },
    async settlePatch() {
      const { patch: summary } = await session.refresh({ signal });
      if (summary === null) return true;
      const patch = await session.patch({ signal });
      const answer = await answers.patch(patch, { always: false }, signal);
      return answer !== 'apply' || (await delivery.apply(patch)) === 'applied';
    },
  };
}

function ignoreNoPendingPatch(error: unknown): undefined {
  if (!(error instanceof ServiceError && error.code === 'NoPendingPatch')) throw error;
}

/** Waits until the signal is aborted, and rejects with its reason. */
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
