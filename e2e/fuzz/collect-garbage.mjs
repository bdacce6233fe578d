import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

// Preloaded into the server: on SIGUSR2 it collects garbage and prints on stderr how much memory it holds. So the
// measurement has only memory that the server keeps, not memory that it has not freed yet.
if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    for (let round = 0; round < 3; round += 1) collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.stderr.write(`${JSON.stringify({ memory: { heapUsed, external, rss } })}\n`);
  });
}
