import { parentPort, workerData } from 'node:worker_threads';
import { refusalOf } from './refusal-of.js';
import { serveRequests } from './serve-requests.js';
import { openSqliteDatabase, type SqliteDatabase } from './sqlite-database.js';
import type { Report, WorkerOptions } from './sqlite-operations.js';

// The thread of the log's database. SQLite is synchronous and waits for the disk: in a thread it does not block sockets.

if (!parentPort) throw new Error('the log worker must be started as a worker thread');
const port = parentPort;

const database = open(workerData as WorkerOptions);
if (database) serveRequests(database, port, workerData as WorkerOptions);

function open({ path }: WorkerOptions): SqliteDatabase | undefined {
  try {
    return openSqliteDatabase(path);
  } catch (error) {
    port.postMessage({ failed: refusalOf(error) } satisfies Report);
    return undefined;
  }
}
