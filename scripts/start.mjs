import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, setup } from './setup.mjs';

/** `npm start`: runs `parley serve` from this clone. Its options follow two dashes: `npm start -- --port 9000`. */
await setup();
const cli = join(repository, 'packages', 'cli');
const { bin } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8'));
const child = spawn(process.execPath, [join(cli, bin.parley), 'serve', ...process.argv.slice(2)], { stdio: 'inherit' });
process.on('SIGINT', () => {
  // The terminal has sent the signal to the server too: wait until the server has ended.
});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
