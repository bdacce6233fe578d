import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into the server before its own code: answers each message of the test with what is reachable in the heap, after a
 * full collection, so that no verdict depends on when V8 collects. It is no part of the server, and keeps nothing alive.
 */
if (isMainThread && process.channel && process.send) {
  process.on('message', () => {
    globalThis.gc?.();
    process.send?.(process.memoryUsage());
  });
  process.channel.unref();
}
