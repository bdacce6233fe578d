import { createIdleTimer } from './idle-timer.js';

/** Watches an agent during its turns, and reports when it has been silent for too long (promise 6). */
export interface Watchdog {
  /** To be called when the agent gets a turn. */
  begin(): void;
  /** To be called with each sign of life of the agent. */
  alive(): void;
  /** Asks a person. The time until the answer does not count as silence of the agent. */
  asking<Answer>(answer: () => Promise<Answer>): Promise<Answer>;
  /** To be called when the turn has ended. */
  end(): void;
}

/** Calls `onSilence` when an agent has a turn, waits for no person, and has been silent for `maxSilence` milliseconds. */
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
