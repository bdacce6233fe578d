import { setTimeout as delay } from 'node:timers/promises';

import { type Raw, readObject } from '../map/read.js';
import type { CassetteExit } from './cassette.js';
import { compareAnswers } from './compare-answers.js';
import type { Scene, Step } from './scenes.js';

/** What a scene is played on. */
export interface Stage {
  /** Sends a recorded notification, rewritten. */
  say(message: Raw): Promise<void>;
  print(line: string): Promise<void>;
  /** Sends a recorded request, rewritten and with an id of its own. Resolves with the client's answer. */
  ask(message: Raw): Promise<Raw>;
  /** Answers the request that the scene plays for, with the recorded `result` or `error`. */
  answer(answer: Raw): Promise<void>;
  /** Says something that the recorded agent did not say. */
  notice(text: string): Promise<void>;
  exit(exit: CassetteExit): Promise<void>;
  /** How many times faster than recorded; infinite for at once. */
  readonly speed: number;
  /** Names a line of the tape. */
  place(line: number): string;
}

/** A scene that is being played. */
export interface Performance {
  /** Resolves when it was played to its end. */
  readonly ended: Promise<void>;
  /** Whether the request was answered; what follows was said afterwards. */
  readonly answered: boolean;
  /** The client cancels the turn: the rest is what the recorded agent did when it was, or nothing. */
  cancel(): void;
  /** Plays what is left without waiting. */
  hurry(): void;
}

/** JSON-RPC's 'Internal error'. */
const FAILED = -32603;

/** Plays a scene from `first` on. */
export function playScene(scene: Scene, stage: Stage, first = 0): Performance {
  const asked = new Map<string, { readonly request: Raw; readonly answer: Promise<Raw> }>();
  const cancelled = createSignal();
  const hurried = createSignal();
  let answered = false;
  let obeyed = false; // the tape is behind the cancellation

  const answer = async (message: Raw) => {
    answered = true;
    await stage.answer(message);
  };
  const fail = (line: number, problem: string) =>
    answer({ error: { code: FAILED, message: `${stage.place(line)}: ${problem}` } });

  /** Compares an answer of the client with the recorded one. False when the tape does not go on. */
  const meet = async ({ ask, line, message }: Extract<Step, { kind: 'answered' }>): Promise<boolean> => {
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
    await fail(line, `${comparison.difference}; what the agent would have done then is not on the tape`);
    return false;
  };

  /** Plays one step. False when the tape does not go on. */
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
        return meet(step);
      case 'cancelled':
        if (!answered) await cancelled.reached; // the agent went on only then
        obeyed = true;
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
      if (cancelled.is && !answered && !obeyed) {
        obeyed = true;
        const there = steps.findIndex(({ kind }, at) => at >= index && kind === 'cancelled');
        if (there === -1) return answer({ result: { stopReason: 'cancelled' } });
        index = there;
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

/** Something that happens once, to ask about and to wait for. */
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
  await delay(ms, undefined, { signal }).catch(() => undefined); // called off: at once
}
