/** Runs commands one after another, in the order of the calls. */
export interface Serial {
  /** Runs a command after all earlier ones have settled. Settles as the command does. */
  run<T>(command: () => Promise<T>): Promise<T>;
  /** Resolves when all commands so far have settled. */
  settled(): Promise<void>;
}

/** Creates an empty queue of commands. A command that fails does not stop the others. */
export function createSerial(): Serial {
  let before: Promise<unknown> = Promise.resolve();
  return {
    run(command) {
      // Without this: reverts a patch twice at once
      const mine = before.then(command, command);
      before = mine;
      return mine;
    },
    async settled() {
      await Promise.allSettled([before]);
    },
  };
}
