import { join } from 'node:path';
import { ensureInstalled, repository, setup } from './setup.mjs';

/**
 * `npm run bench`: runs the measurements of bench/; see its README. `npm run bench -- --quick` only shows that they
 * work.
 */
await setup();
await ensureInstalled(join(repository, 'bench'));
await import('../bench/main.mjs');
