import { createIdleTimer } from './idle-timer.js';

/** Watches an agent that has a turn to work on: one that shows no sign of life for too long is reported (promise 6). */
export interface Watchdog {
  /** The agent has been given a turn. */
  begin(): void;
  /** A sign of life. */
  alive(): void;
  /** While a person is asked, the agent's silence means nothing. */
  asking<Answer>(answer: () => Promise<Answer>): Promise<Answer>;
  /** The agent is done with the turn. */
  end(): void;
}

/** Calls `onSilence` when an agent that has a turn and waits for nobody has been silent for `maxSilence` milliseconds. */
export function createWatchdog(maxSilence: number, onSilence: () => void): Watchdog {
  const idleTimer = createIdleTimer(maxSilence, onSilence);
  let working = false;
  let questions = 0;

  function alive(): void {
    // Without this: never takes notice of a silent agent
    if (working && questions === 0) idleTimer.restart();
    else idleTimer.stop();
  }

  return {
    begin() {
      working = true;
      alive();
    },
    alive,
    async asking(answer) {
      // Without this: ends an agent that waits for a person
      questions += 1;
      alive();
      try {
        return await answer();
      } finally {
        questions -= 1;
        alive();
      }
    },
    end() {
      working = false;
      alive();
    },
  };
}
