import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

/**
 * The file that would run for `command`: a path is taken as it is, a bare name is looked up on `path` (the PATH variable).
 * `undefined` if there is no such executable file.
 */
export async function findCommand(command: string, path: string | undefined): Promise<string | undefined> {
  if (command.includes('/')) return (await isExecutable(resolve(command))) ? resolve(command) : undefined;
  for (const folder of (path ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const file = join(folder, command);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false; // missing, or not executable for us
  }
}
