import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findLocalServer, LocalServerError } from '@parleyhq/client';
import { visible } from '@parleyhq/conformance/visible';
import { EXIT, ExitError } from '../exit-error.js';
import { describeConnection } from './describe-connection.js';
import type { TokenFlags } from './token-flags.js';

/** Shows how to connect to the server of a data directory. The token itself is shown only on a terminal. */
export async function show({ dataDir, json }: TokenFlags): Promise<void> {
  const folder = resolve(dataDir);
  const tokenPath = join(folder, 'access-token');
  const token = await readFile(tokenPath, 'utf8').catch((error: Error) => {
    throw new ExitError(EXIT.usage, `--data-dir: no access token: ${error.message}; the first parley serve creates it`);
  });
  const found = find(folder);
  if (json) {
    const facts = {
      url: found.url ?? null,
      data_dir: folder,
      token_path: tokenPath,
      account: 'owner',
      scope: 'control',
    };
    process.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  const lines = [
    found.url === undefined ? `Not running: ${found.problem}.` : `Parley is listening at ${found.url}`,
    '',
    `  Data    ${folder}`,
    ...(process.stdout.isTTY
      ? [`  Token   ${token.trim()}`, `          kept in ${tokenPath}`]
      : [`  Token   in ${tokenPath}`]),
    '',
    ...describeConnection({ url: found.url ?? 'http://127.0.0.1:8080', tokenPath, dataDir: folder }),
  ];
  process.stdout.write(visible(`${lines.join('\n')}\n`));
}

function find(dataDir: string): { url: string; problem?: never } | { url?: never; problem: string } {
  try {
    return { url: findLocalServer({ dataDir }).baseUrl };
  } catch (error) {
    if (error instanceof LocalServerError) return { problem: error.message };
    throw error;
  }
}
