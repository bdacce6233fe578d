import { setTimeout as delay, setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { type Raw, readObject, readText } from './read.js';

/**
 * Recognises what an agent repeats of a conversation that it has resumed: the log has it already. By ACP it comes before the
 * answer to `session/load`, but some agents answer first, or in the middle of it (Gemini CLI), and some repeat it after
 * `session/resume` too.
 */
export interface Replay {
  /** To be called before the agent is asked to resume. From now on it repeats. */
  begin(): void;
  /** To be called when the agent does not resume: there is nothing to repeat. */
  none(): void;
  /** To be called when the agent has answered. It may go on to repeat, or begin to. */
  answered(): void;
  /** Whether an update, of something said or done, repeats what is in the log. To be called with each in order. */
  has(update: Raw): boolean;
  /** Resolves when the agent has been silent for long enough, or the signal is aborted. */
  over(signal: AbortSignal): Promise<void>;
  /** To be called with each message for the agent, before it is sent: some agents repeat that too, which is no replay. */
  prompted(text: string): void;
  /** To be called when the agent has ended a turn. What it says from now on is new. */
  end(): void;
}

/** Creates it. A replay ends with `silenceMs` milliseconds without a part of it. */
export function createReplay(silenceMs: number): Replay {
  let state: 'none' | 'unanswered' | 'running' | 'possible' = 'none';
  let last = 0;
  let prompt = '';

  const run = () => {
    state = 'running';
    last = performance.now();
  };
  const isRepeating = () => state === 'unanswered' || state === 'running';
  const hasEnded = () => performance.now() - last >= silenceMs;

  return {
    begin() {
      state = 'unanswered';
    },
    none() {
      state = 'none';
    },
    answered() {
      if (state === 'unanswered') run();
    },
    has(update) {
      if (state === 'running') {
        if (!hasEnded()) {
          last = performance.now();
          return true;
        }
        state = 'possible';
      }
      if (state === 'possible' && update.sessionUpdate === 'user_message_chunk') {
        const text = readText(readObject(update.content)?.text) ?? '';
        if (prompt === '' || !prompt.startsWith(text)) run();
      }
      return isRepeating();
    },
    async over(signal) {
      while (state === 'running' && !hasEnded() && !signal.aborted) {
        await delay(silenceMs - (performance.now() - last), undefined, { signal }).catch(() => undefined);
        // What has arrived while this process was busy is read before the time is looked at.
        await nextTurnOfTheLoop();
        await nextTurnOfTheLoop();
      }
      if (state === 'running') state = 'possible';
    },
    prompted(text) {
      prompt = text;
    },
    end() {
      state = 'none';
    },
  };
}
