import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { LogError } from '../event-log.js';
import type {
  Answer,
  Input,
  OperationName,
  Order,
  Output,
  Refusal,
  Report,
  Request,
  WorkerOptions,
} from './sqlite-operations.js';

/** The thread of the database, as its caller sees it. */
export interface SqliteThread {
  /**
   * Requests one operation. All requests of one turn of the event loop are sent in one message.
   *
   * @throws LogError `lost` if the thread died before it answered.
   */
  call<K extends OperationName>(name: K, input: Input<K>): Promise<Output<K>>;
  /** Completes the pending requests and ends the thread. */
  close(): Promise<void>;
}

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: LogError): void;
}

/**
 * Starts the thread and waits until its database is open.
 *
 * @param died Called when the thread has ended unexpectedly and the database is free. Pending calls are rejected after that.
 * @throws LogError `unavailable` if the database cannot be opened.
 */
export async function startSqliteThread(
  options: WorkerOptions,
  died: (error: LogError) => void,
): Promise<SqliteThread> {
  // Without the flags of this process: some, such as `--input-type=module` of `node --eval`, would make the thread fail.
  const file = createRequire(import.meta.url).resolve('#log-worker');
  const worker = new Worker(file, { workerData: options, execArgv: [] });
  const waiting = new Map<number, PendingCall>();
  let outbox: Request[] = [];
  let calls = 0;
  let opened = false;
  let ended: LogError | undefined;
  let failure: unknown;

  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    waiting.set(0, { resolve: () => resolve(), reject });
  });

  worker.on('message', (report: Report) => {
    if ('answers' in report) report.answers.forEach(settle);
    else if ('failed' in report) settle({ call: 0, refusal: report.failed });
    else if ('ready' in report) settle({ call: 0, value: undefined });
  });
  worker.on('error', (error) => {
    failure = error;
  });
  worker.on('exit', (code) => {
    const how = failure === undefined ? `has ended with code ${code}` : `failed: ${failure}`;
    const error = new LogError(opened ? 'lost' : 'unavailable', `the thread of the log ${how}`, { cause: failure });
    if (opened && ended === undefined) died(error);
    ended ??= error;
    for (const caller of waiting.values()) caller.reject(error);
    waiting.clear();
  });

  function settle(answer: Answer): void {
    const caller = waiting.get(answer.call);
    waiting.delete(answer.call);
    if ('refusal' in answer) caller?.reject(errorOf(answer.refusal));
    else caller?.resolve(answer.value);
  }

  function post(): void {
    worker.postMessage({ requests: outbox } satisfies Order);
    outbox = [];
  }

  await ready;
  opened = true;
  return {
    call(name, input) {
      if (ended) return Promise.reject(ended);
      calls += 1;
      const call = calls;
      if (outbox.push({ call, name, input }) === 1) queueMicrotask(post);
      return new Promise((resolve, reject) => waiting.set(call, { resolve, reject }));
    },

    async close() {
      if (!ended) {
        ended = new LogError('closed', 'the log is closed');
        queueMicrotask(() => worker.postMessage({ close: true } satisfies Order));
      }
      await exited;
    },
  };
}

function errorOf({ reason, message, code }: Refusal): LogError {
  if (reason !== 'unavailable') return new LogError(reason, message);
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return new LogError(reason, `the log cannot be used: ${message}`, { cause });
}
