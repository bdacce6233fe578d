import { createIdleTimer, type IdleTimer } from './idle-timer.js';

/** Watches an agent during its turns, and reports when it has been silent for long (promise 6). */
export interface Watchdog {
  /** To be called when a turn begins: how many milliseconds of silence it may have. Called again, it changes that. */
  begin(maxSilence: number): void;
  /** To be called with each sign of life of the agent. */
  alive(): void;
  /** Asks a person. The time until the answer does not count as silence of the agent. */
  asking<Answer>(answer: () => Promise<Answer>): Promise<Answer>;
  /** To be called when the turn has ended. */
  end(): void;
}

/** Calls `onSilence` when an agent has a turn, waits for no person, and has been silent for as long as `begin` said. */
export function createWatchdog(onSilence: () => void): Watchdog {
  let idleTimer: IdleTimer | undefined;
  let working = false;
  let questions = 0;

  function alive(): void {
    // Without this: never takes notice of a silent agent
    if (working && questions === 0) idleTimer?.restart();
    else idleTimer?.stop();
  }

  return {
    begin(maxSilence) {
      idleTimer?.stop();
      idleTimer = createIdleTimer(maxSilence, onSilence);
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
