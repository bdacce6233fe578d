import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { LogError } from '../event-log.js';
import { refusalOf } from './refusal-of.js';
import type { SqliteDatabase } from './sqlite-database.js';
import type { Answer, Order, ReadOperations, Report, Request, WorkerOptions } from './sqlite-operations.js';

const SWEEP_EVERY_MS = 3_600_000;
/** Fast reads of one row. Every submission waits for one. */
const LOOKUPS: ReadonlySet<string> = new Set<keyof ReadOperations>(['bounds', 'findIdempotent', 'get']);
/** Reads that may return much text. */
const PAGES: ReadonlySet<string> = new Set<keyof ReadOperations>([
  'read',
  'base',
  'snapshot',
  'cut',
  'sessions',
  'list',
]);

/**
 * Answers the requests of the port until it is told to close. While one commit waits for the disk, requests collect at the
 * port, and the next commit takes all of them (group commit). A read sees all writes that were requested before it. A lookup
 * waits for at most one commit. A page waits for at most one commit for each page that was requested before it. So endless
 * writes do not starve readers, and endless reads do not starve writers.
 */
export function serveRequests(
  db: SqliteDatabase,
  port: MessagePort,
  { idempotencyRetentionMs }: Pick<WorkerOptions, 'idempotencyRetentionMs'>,
): void {
  const writes: Request[] = [];
  const lookups: Request[] = [];
  const pages: Request[] = [];
  let closing = false;
  let sweptAt = 0;

  const report = (message: Report) => port.postMessage(message);
  port.on('message', (order: Order) => {
    take(order);
    work();
  });
  report({ ready: true });

  function take(order: Order): void {
    if ('close' in order) closing = true;
    else for (const request of order.requests) queueOf(request).push(request);
  }

  function queueOf({ name }: Request): Request[] {
    if (LOOKUPS.has(name)) return lookups;
    return PAGES.has(name) ? pages : writes;
  }

  function work(): void {
    do {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message as Order);
      // Without this: commits for as long as anybody writes, and lets readers wait
      if (writes.length > 0) report({ answers: commit(writes.splice(0)) });
      answerReads();
    } while (lookups.length + pages.length > 0);
    if (closing) close();
  }

  // One round: all lookups and one page, before more requests are taken from the port.
  function answerReads(): void {
    if (lookups.length > 0) report({ answers: lookups.splice(0).map(answer) });
    const page = pages.shift();
    if (page) report({ answers: [answer(page)] });
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

  // A LogError refuses one request, which has changed nothing. Any other error ends the whole transaction.
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
