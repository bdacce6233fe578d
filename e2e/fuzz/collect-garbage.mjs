import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

// Preloaded into the server: at SIGUSR2 it collects its garbage and says on stderr what it holds. What is measured then
// is what the server keeps, not what it has not got round to freeing.
if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    for (let round = 0; round < 3; round += 1) collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.stderr.write(`${JSON.stringify({ memory: { heapUsed, external, rss } })}\n`);
  });
}
