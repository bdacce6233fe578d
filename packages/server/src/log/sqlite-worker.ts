import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { LogError } from './event-log.js';
import { openSqliteDatabase, type SqliteDatabase } from './sqlite-database.js';
import type { Answer, Operations, Order, Refusal, Report, Request, WorkerOptions } from './sqlite-operations.js';

// The thread of the log's database. SQLite is synchronous and waits for the disk: here it stops no socket. While one
// commit waits, requests gather at the port, and the next commit takes all of them (group commit).

const SWEEP_EVERY_MS = 3_600_000;
const READS: ReadonlySet<string> = new Set<keyof Operations>([
  'read',
  'bounds',
  'base',
  'snapshot',
  'cut',
  'sessions',
  'findIdempotent',
  'get',
  'list',
]);

if (!parentPort) throw new Error('the log worker must be started as a worker thread');
const port = parentPort;
const report = (message: Report) => port.postMessage(message);

const database = open(workerData as WorkerOptions);
if (database) serve(database, workerData as WorkerOptions);

function open({ path }: WorkerOptions): SqliteDatabase | undefined {
  try {
    return openSqliteDatabase(path);
  } catch (error) {
    report({ failed: refusalOf(error) });
    return undefined;
  }
}

function serve(db: SqliteDatabase, { idempotencyRetentionMs }: WorkerOptions): void {
  const writes: Request[] = [];
  const reads: Request[] = [];
  let closing = false;
  let sweptAt = 0;

  port.on('message', (order: Order) => {
    take(order);
    work();
  });
  report({ ready: true });

  function take(order: Order): void {
    if ('close' in order) closing = true;
    else for (const request of order.requests) (READS.has(request.name) ? reads : writes).push(request);
  }

  // Appends go first and wait for at most one page of a reader.
  function work(): void {
    for (;;) {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message as Order);
      if (writes.length > 0) {
        report({ answers: commit(writes.splice(0)) });
        continue;
      }
      const read = reads.shift();
      if (!read) break;
      report({ answers: [answer(read)] });
    }
    if (closing) close();
  }

  function commit(requests: readonly Request[]): Answer[] {
    try {
      return db.transaction(() => {
        const now = Date.now();
        const due = now - sweptAt >= SWEEP_EVERY_MS;
        if (due) db.sweep(now, now - idempotencyRetentionMs);
        const answers = requests.map(answerUnlessBroken);
        if (due) sweptAt = now;
        return answers;
      });
    } catch (error) {
      const refusal = refusalOf(error);
      return requests.map(({ call }) => ({ call, refusal }));
    }
  }

  function answer(request: Request): Answer {
    try {
      return answerUnlessBroken(request);
    } catch (error) {
      return { call: request.call, refusal: refusalOf(error) };
    }
  }

  // A refusal concerns one request, which has changed nothing; an error of the storage ends the whole transaction.
  function answerUnlessBroken({ call, name, input }: Request): Answer {
    try {
      return { call, value: db[name](input as never) };
    } catch (error) {
      if (error instanceof LogError) return { call, refusal: refusalOf(error) };
      throw error;
    }
  }

  function close(): void {
    db.close();
    report({ closed: true });
    port.close();
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof LogError) return { reason: error.reason, message: error.message };
  if (!(error instanceof Error)) return { reason: 'unavailable', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { reason: 'unavailable', message: error.message, ...code };
}
