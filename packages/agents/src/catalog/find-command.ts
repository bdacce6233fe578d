import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

/**
 * The file that `command` names, as a process start would find it: a path as it is, a bare name on `path` (the PATH
 * variable). `undefined` where there is no such executable file.
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
    return false; // not there, or not for us
  }
}
