import { setTimeout as delay } from 'node:timers/promises';

import { type Raw, readObject } from '../map/read.js';
import type { CassetteExit } from './cassette.js';
import { compareAnswers } from './compare-answers.js';
import type { Scene, Step } from './scenes.js';

/** Carries out the steps of a scene. */
export interface Stage {
  /** Sends a recorded notification, rewritten. */
  say(message: Raw): Promise<void>;
  print(line: string): Promise<void>;
  /** Sends a recorded request, rewritten and with an id of its own. Resolves with the client's answer. */
  ask(message: Raw): Promise<Raw>;
  /** Answers the request that the scene belongs to, with the recorded `result` or `error`. */
  answer(answer: Raw): Promise<void>;
  /** Shows the user a text of the player itself. */
  notice(text: string): Promise<void>;
  exit(exit: CassetteExit): Promise<void>;
  /** How many times faster than recorded; infinite for no delays. */
  readonly speed: number;
  /** Names a line of the tape. */
  place(line: number): string;
}

/** A scene that is being played. */
export interface ScenePlayback {
  /** Resolves when the scene has been played to its end. */
  readonly ended: Promise<void>;
  /** Whether the request has been answered. Later steps may follow the answer. */
  readonly answered: boolean;
  /** The client cancels the turn. Replay goes on where the recorded turn was cancelled; if it was not, the turn ends. */
  cancel(): void;
  /** Plays the remaining steps without delays. */
  hurry(): void;
}

/** JSON-RPC's 'Internal error'. */
const FAILED = -32603;

/** Plays a scene from `first` on. */
export function playScene(scene: Scene, stage: Stage, first = 0): ScenePlayback {
  const asked = new Map<string, { readonly request: Raw; readonly answer: Promise<Raw> }>();
  const cancelled = createSignal();
  const hurried = createSignal();
  let answered = false;
  let passedCancellation = false; // playback has passed the recorded cancellation

  const answer = async (message: Raw) => {
    answered = true;
    await stage.answer(message);
  };
  const fail = (line: number, problem: string) =>
    answer({ error: { code: FAILED, message: `${stage.place(line)}: ${problem}` } });

  /** Compares an answer of the client with the recorded one. False if playback ends here. */
  const checkAnswer = async ({ ask, line, message }: Extract<Step, { kind: 'answered' }>): Promise<boolean> => {
    const pending = asked.get(ask);
    if (!pending || answered) return true;
    const given = await Promise.race([pending.answer, cancelled.reached]);
    if (!given || cancelled.is) return true;
    const comparison = compareAnswers(pending.request, message, given);
    if (comparison.verdict === 'like') await stage.notice(`${stage.place(line)}: ${comparison.difference}.`);
    if (comparison.verdict !== 'other') return true;
    const toolCallId = readObject(readObject(pending.request.params)?.toolCall)?.toolCallId;
    if (toolCallId !== undefined) {
      const { sessionId } = readObject(pending.request.params) ?? {};
      const update = { sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' };
      await stage.say({ jsonrpc: '2.0', method: 'session/update', params: { sessionId, update } });
    }
    await fail(line, `${comparison.difference}; the recording does not say what the agent does after that`);
    return false;
  };

  /** Plays one step. False if playback ends here. */
  const play = async (step: Step): Promise<boolean> => {
    switch (step.kind) {
      case 'say':
        await stage.say(step.message);
        return true;
      case 'print':
        await stage.print(step.text);
        return true;
      case 'ask':
        asked.set(step.ask, { request: step.message, answer: stage.ask(step.message) });
        return true;
      case 'answered':
        return checkAnswer(step);
      case 'cancelled':
        if (!answered) await cancelled.reached; // the recorded agent waited for the cancellation
        passedCancellation = true;
        return true;
      case 'answer':
        await answer(step.message);
        return true;
      case 'exit':
        await stage.exit(step.exit);
        return false;
    }
  };

  const run = async () => {
    const { steps } = scene;
    for (let index = first; index < steps.length; index += 1) {
      const step = steps[index] as Step;
      await pause(step.delayMs / stage.speed, cancelled, hurried);
      if (cancelled.is && !answered && !passedCancellation) {
        passedCancellation = true;
        const cancellation = steps.findIndex(({ kind }, at) => at >= index && kind === 'cancelled');
        if (cancellation === -1) return answer({ result: { stopReason: 'cancelled' } });
        index = cancellation;
      } else if (!(await play(step))) return;
    }
    if (!answered) await fail(scene.line, 'the recording ends before the agent answered this');
  };

  return {
    ended: run(),
    get answered() {
      return answered;
    },
    cancel: cancelled.reach,
    hurry: hurried.reach,
  };
}

/** An event that happens once: `is` tells whether it has, `reached` waits for it. */
function createSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  return {
    get is() {
      return signal.aborted;
    },
    signal,
    reach: () => controller.abort(),
    reached: new Promise<undefined>((resolve) =>
      signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    ),
  };
}

async function pause(ms: number, ...reasons: readonly { readonly signal: AbortSignal }[]): Promise<void> {
  if (ms < 1) return;
  const signal = AbortSignal.any(reasons.map((reason) => reason.signal));
  await delay(ms, undefined, { signal }).catch(() => undefined); // aborted: goes on at once
}
