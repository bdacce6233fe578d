import { fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Process A process that answers calls, so that its use of the machine can be measured separately.
 * @property {(name: string, input?: object) => Promise<any>} call Calls a method. Rejects with its error, if the
 * process
 *   ends, or after two minutes without an answer.
 * @property {() => Promise<void>} close Lets it close what it opened, and waits for its end.
 */

/** Milliseconds after which a call without an answer fails. */
const TIMEOUT = 120_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
// Every process that was started ends with this one. Agents end with their server.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Makes a process end with this one.
 *
 * @template {import('node:child_process').ChildProcess} T
 * @param {T} child
 * @returns {T}
 */
export function endWithUs(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/**
 * Starts a file that calls `answerCalls`. Its arguments are `folder` and then `args`.
 *
 * @param {string} file Relative to this folder.
 * @param {string} folder The folder for the file of its standard error. So the log of a peer is written, but not shown.
 * @param {{args?: string[], nodeArgs?: string[]}} [options] `nodeArgs`: the options of Node.
 * @returns {Process}
 */
export function openProcess(file, folder, { args = [], nodeArgs = [] } = {}) {
  const log = join(folder, `${basename(file)}.log`);
  const errors = openSync(log, 'a');
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = endWithUs(
    fork(path, [folder, ...args], { stdio: ['ignore', 'inherit', errors, 'ipc'], execArgv: nodeArgs }),
  );
  closeSync(errors);
  /** @type {Map<number, (answer: {value?: any, error?: string}) => void>} */
  const waiting = new Map();
  let calls = 0;
  let ended = false;
  child.on('message', (/** @type {{call: number, value?: any, error?: string}} */ answer) => {
    waiting.get(answer.call)?.(answer);
  });
  const gone = new Promise((resolve) => child.once('exit', resolve)).then((code) => {
    ended = true;
    const error = `${file} has ended with code ${code}:\n${readFileSync(log, 'utf8').slice(-4_000)}`;
    for (const settle of waiting.values()) settle({ error });
  });

  return {
    call(name, input = {}) {
      if (ended) return Promise.reject(new Error(`${file} has ended`));
      calls += 1;
      const call = calls;
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => settle({ error: `${file} did not answer to ${name}` }), TIMEOUT);
        /** @param {{value?: any, error?: string}} answer */
        const settle = ({ value, error }) => {
          clearTimeout(late);
          waiting.delete(call);
          if (error === undefined) resolve(value);
          else reject(new Error(error));
        };
        waiting.set(call, settle);
        child.send({ call, name, input });
      });
    },

    async close() {
      if (ended) return;
      child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(late);
    },
  };
}

/**
 * Answers the calls of the process that started this one, and ends with it.
 *
 * @param {Record<string, (input: any) => unknown>} methods The methods, by name. There are always two more: `cpu`, the
 *   microseconds of processor time of this process with all its threads; and `rss`, the bytes of memory that it holds,
 *   after a garbage collection if Node was started with `--expose-gc`.
 * @param {() => Promise<void>} [close] Closes what was opened.
 */
export function answerCalls(methods, close) {
  const all = {
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    rss: () => {
      globalThis.gc?.();
      return process.memoryUsage.rss();
    },
    ...methods,
  };
  process.on('message', async (/** @type {{call: number, name: string, input: object}} */ { call, name, input }) => {
    try {
      const method = /** @type {Record<string, (input: any) => unknown>} */ (all)[name];
      if (!method) throw new Error(`expected one of ${Object.keys(all).join(', ')}, got ${name}`);
      process.send?.({ call, value: await method(input) });
    } catch (error) {
      process.send?.({ call, error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.once('disconnect', async () => {
    await close?.();
    process.exit();
  });
}
