import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into the server before its own code. It answers each message of the test with the size of the reachable heap
 * after a full collection, so that the verdict does not depend on when V8 collects. It is not part of the server and
 * keeps nothing alive.
 */
if (isMainThread && process.channel && process.send) {
  process.on('message', () => {
    globalThis.gc?.();
    process.send?.(process.memoryUsage());
  });
  process.channel.unref();
}
