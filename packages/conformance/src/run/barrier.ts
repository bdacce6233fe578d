/** Something that is done once for several that wait for it. */
export interface Meeting {
  /** Waits until everybody who is still there has come, then for the one deed. */
  join(): Promise<void>;
  /** Somebody is not there any more. */
  leave(): void;
}

/**
 * Brings so many together: when each has joined or left, `act` runs once for all that wait, and they may meet again.
 */
export function createMeeting(members: number, act: () => Promise<void>): Meeting {
  let present = members;
  let waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  const check = () => {
    if (waiting.length === 0 || waiting.length < present) return;
    const together = waiting;
    waiting = [];
    act().then(
      () => together.forEach(({ resolve }) => void resolve()),
      (error) => together.forEach(({ reject }) => void reject(error)),
    );
  };
  return {
    join: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        check();
      }),
    leave() {
      present -= 1;
      check();
    },
  };
}
