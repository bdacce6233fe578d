import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { CheckedLimits } from '../limits.js';
import type { PlannedFile } from '../workspace/planned-file.js';
import { createSerial } from '../workspace/serial.js';
import { createDiffCache } from './diff-cache.js';
import { type ComparedFile, type FileDiff, omitDiff, withoutDiff } from './unified-diff.js';

/** The diff of a file that waits for consent, and what else remains known of the file. Its bytes do not remain. */
export interface PlannedDiff extends FileDiff, Pick<PlannedFile, 'absolute' | 'exact' | 'problem'> {
  /** SHA-256 of what the agent will write; undefined where that is not known. */
  readonly after: string | undefined;
}

/** Makes the diffs of all sessions, in a thread of its own. */
export interface Differ {
  /** Reads a file and makes its diff, after those that were asked for before: one file is in memory at a time. */
  diff(read: () => Promise<PlannedFile>): Promise<PlannedDiff>;
  /** Ends the thread. Diffs that are still waited for are omitted. */
  close(): Promise<void>;
}

/** The limits of diffs. */
export type DiffLimits = Pick<CheckedLimits, 'diffTimeoutMs' | 'maxPatchBytes'>;

/** How much is kept of diffs, in characters, so that none is made twice while its file waits. */
const CACHED = 33_554_432;
/** The most memory of the thread, in MiB. */
const MAX_MEMORY = 512;

/** Creates a differ. The thread is started by the first diff, and again after one that took too long or too much memory. */
export function createDiffer({ diffTimeoutMs, maxPatchBytes }: DiffLimits): Differ {
  const serial = createSerial();
  const cache = createDiffCache(CACHED);
  let closed = false;
  let thread: Worker | undefined;
  /** Takes the diff that the thread is making; undefined if the thread has ended. */
  let done: (diff: FileDiff | undefined) => void = () => undefined;

  /** The diff; undefined if it takes longer, or more memory, than is allowed. */
  async function inThread(file: ComparedFile): Promise<FileDiff | undefined> {
    if (closed) return undefined;
    thread ??= startThread();
    const worker = thread;
    return new Promise((resolve) => {
      // Without this: lets one diff keep all others waiting
      const timer = setTimeout(() => void worker.terminate(), diffTimeoutMs);
      done = (diff) => {
        clearTimeout(timer);
        resolve(diff);
      };
      worker.postMessage(file);
    });
  }

  function startThread(): Worker {
    // Without the flags of this process: some would make the thread fail.
    const file = createRequire(import.meta.url).resolve('#diff-worker');
    const worker = new Worker(file, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY } });
    worker.unref();
    worker.on('message', (diff: FileDiff) => done(diff));
    // It exits then.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      thread = undefined;
      done(undefined);
    });
    return worker;
  }

  async function diffOf(file: PlannedFile): Promise<FileDiff> {
    const { path, before, after, exists, tooLarge, encoding, snippets } = file;
    // All that is added is in the diff.
    const most = (before?.length ?? 0) + maxPatchBytes;
    if (tooLarge || after.length > most) return withoutDiff({ path, exists });
    const key = keyOf(file);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const made =
      (await inThread({ path, before, after, exists, snippets, ...(encoding && { encoding }) })) ??
      withoutDiff({ path, exists });
    const kept = made.bytes > maxPatchBytes ? omitDiff(made) : made;
    cache.set(key, kept);
    return kept;
  }

  return {
    diff: (read) =>
      serial.run(async () => {
        const file = await read();
        const { absolute, exact, problem } = file;
        const after = exact ? createHash('sha256').update(file.after).digest('hex') : undefined;
        return { ...(await diffOf(file)), absolute, exact, problem, after };
      }),
    async close() {
      closed = true;
      await thread?.terminate();
      await serial.settled();
    },
  };
}

/** One key for each content: of the file, and of what the agent wants. */
function keyOf({ path, before, after, encoding, snippets }: PlannedFile): string {
  const hash = createHash('sha256').update(JSON.stringify([path, before?.length, after.length, encoding, snippets]));
  return hash
    .update(before ?? '')
    .update(after)
    .digest('hex');
}
