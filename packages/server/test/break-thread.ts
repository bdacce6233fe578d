import type { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** Records the threads that are started from now on, so that a test can break the last one. */
export function watchThreads() {
  const threads: Worker[] = [];
  const note = (thread: Worker) => void threads.push(thread);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  return {
    /** How many have been started. */
    get started() {
      return threads.length;
    },
    /** Makes the last thread die of an uncaught error, after its pending requests. */
    async breakLast(): Promise<void> {
      const last = threads.at(-1);
      if (last === undefined) throw new Error('no thread was started');
      await new Promise<void>((resolve) => {
        last.once('exit', () => resolve());
        last.postMessage(null);
      });
    },
  };
}
