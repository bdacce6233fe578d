import { access, constants, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import Database from 'libsql';
import { OptionError } from '../option-error.js';
import { isMissing } from './is-missing.js';

/** The folder with all of a server's state, locked by this process. */
export interface DataDirectory {
  /** Absolute path. */
  readonly path: string;
  /** Lets another server use the folder. */
  release(): Promise<void>;
}

/** The folder is in use by another server. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
  /** The process that holds it, if its pid file names one. */
  readonly pid: number | undefined;

  constructor(path: string, pid: number | undefined) {
    const holder = pid === undefined ? 'another process' : `the process with pid ${pid}`;
    super(`the data directory ${path} is in use by ${holder}; stop that server or choose another data directory`);
    this.pid = pid;
  }
}

/**
 * Locks a folder for this process, and creates it (mode 0700) if it does not exist. The operating system releases the lock
 * when the process dies for whatever reason, so there are no stale locks and no races for one.
 *
 * @throws DataDirectoryInUse if another server holds the folder, OptionError if it cannot be created or written.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const folder = resolve(path);
  const pidFile = join(folder, 'server.pid');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OptionError('dataDir', `expected a folder that this user can create and write, got ${folder} (${why})`);
  }
  const lock = takeLock(join(folder, 'lock'));
  if (!lock) throw new DataDirectoryInUse(folder, await readPid(pidFile));
  await writeFile(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return {
    path: folder,
    async release() {
      await rm(pidFile, { force: true });
      lock.close();
    },
  };
}

// The lock is an exclusive transaction on an empty database: SQLite's locks are portable, and they also exclude two servers
// in one process. The file must never be opened in another way, since closing it would release the lock.
function takeLock(path: string): Database.Database | undefined {
  const lock = new Database(path);
  try {
    // Without this: takes a folder that another server holds
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
}

async function readPid(path: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(path, 'utf8'), 10);
    return Number.isInteger(pid) ? pid : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
