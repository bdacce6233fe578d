import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, setup } from './setup.mjs';

/** `npm start`: the server from this clone, `parley serve`. Its options follow two dashes: `npm start -- --port 9000`. */
await setup();
const cli = join(repository, 'packages', 'cli');
const { bin } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8'));
const child = spawn(process.execPath, [join(cli, bin.parley), 'serve', ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal sends SIGINT to both; whoever sends a signal to this process alone means the server.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
