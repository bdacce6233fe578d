import { join } from 'node:path';
import { ensureInstalled, repository, setup } from './setup.mjs';

/** `npm run bench`: the measurements of bench/, which say more in their README. `npm run bench -- --quick`: do they run? */
await setup();
await ensureInstalled(join(repository, 'bench'));
await import('../bench/main.mjs');
