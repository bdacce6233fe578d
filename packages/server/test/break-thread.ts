import type { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** Notes the threads that are started from now on, to break the last of them. */
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
    /** Has the last one die of an error that nothing in it catches, behind what it was asked before. */
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
