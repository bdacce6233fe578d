import type { ByteBudget } from '../byte-budget.js';

/** The bytes of a body that arrives, or of the frames that arrive one after another. */
export interface Incoming {
  /** Counts the next bytes. False if there is no room for them: then the message must be refused. */
  take(bytes: number): boolean;
  /** To be called for bytes that were taken and are not held, since they are no part of the message. */
  skip(bytes: number): void;
  /** To be called when the message is no longer held. What is taken after it belongs to the next one. */
  end(): void;
}

/** A smaller message always passes: whoever answers an approval or interrupts a turn needs no room. */
const LARGE = 16_384;

/** Starts to count a message of a client within the budget of all clients. */
export function createIncoming(budget: ByteBudget, client: string): Incoming {
  let bytes = 0;
  let counted = 0;
  return {
    take(more) {
      bytes += more;
      const uncounted = bytes > LARGE ? bytes - counted : 0;
      if (!budget.fits(client, uncounted)) return false;
      budget.add(client, uncounted);
      counted += uncounted;
      return true;
    },
    skip(fewer) {
      bytes = Math.max(counted, bytes - fewer);
    },
    end() {
      budget.add(client, -counted);
      bytes = 0;
      counted = 0;
    },
  };
}
