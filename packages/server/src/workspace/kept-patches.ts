import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileProblem } from '@parleyhq/contract';
import { followLinks, type PlannedFile, readFileIfAny } from './planned-file.js';
import { putFile } from './put-file.js';
import { isInside } from './roots.js';

/** One file of a kept patch: where it is, how it was, and what the patch made of it. */
interface KeptFile {
  readonly path: string;
  readonly absolute: string;
  /** Permission bits from before; null: there was no file. */
  readonly mode: number | null;
  /** SHA-256 of the bytes after the patch, filled in once it has landed. */
  readonly after: string | null;
}

/** Stands for bytes that nobody could read: a revert finds others, whatever it finds. */
const UNREADABLE = 'unreadable';

/** The bytes from before a patch, kept so that it can be reverted, also by a later process. */
export interface KeptPatches {
  /** Keeps the bytes of files that a patch is about to change. */
  keep(patchId: string, files: readonly PlannedFile[]): Promise<void>;
  /** Notes what the patch made of the files, so that a revert can tell whether they have changed since. */
  landed(patchId: string, paths: readonly string[]): Promise<void>;
  /** Puts every file back as it was, or changes nothing and says which files stand in the way. */
  restore(patchId: string): Promise<readonly FileProblem[]>;
  /** Forgets everything that is kept. */
  clear(): Promise<void>;
}

/**
 * Keeps bytes in a folder of the server's own, one folder a patch: `files.json` and the bytes by number. They are put
 * back inside of `cwd` alone, wherever links lead by then.
 */
export function createKeptPatches(folder: string, cwd: string): KeptPatches {
  const of = (patchId: string) => join(folder, patchId);

  async function readFiles(patchId: string): Promise<KeptFile[]> {
    return JSON.parse(await readFile(join(of(patchId), 'files.json'), 'utf8'));
  }

  async function writeFiles(patchId: string, files: readonly KeptFile[]): Promise<void> {
    const path = join(of(patchId), 'files.json');
    await writeFile(`${path}.new`, JSON.stringify(files), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  return {
    async keep(patchId, planned) {
      await mkdir(of(patchId), { recursive: true, mode: 0o700 });
      const files: KeptFile[] = [];
      for (const [index, { path, absolute, before }] of planned.entries()) {
        const mode = before === null ? null : (await lstat(absolute)).mode & 0o7777;
        if (before !== null) await writeFile(join(of(patchId), String(index)), before, { mode: 0o600 });
        files.push({ path, absolute, mode, after: null });
      }
      await writeFiles(patchId, files);
    },

    async landed(patchId, paths) {
      const files = await readFiles(patchId);
      const noted = files.map(async (file) =>
        paths.includes(file.path) ? { ...file, after: await readHash(file.absolute).catch(() => UNREADABLE) } : file,
      );
      await writeFiles(patchId, await Promise.all(noted));
    },

    async restore(patchId) {
      const files = [...(await readFiles(patchId)).entries()].filter(([, file]) => file.after !== null);
      const problems: FileProblem[] = [];
      for (const [, { path, absolute, after }] of files) {
        if (!isInside(cwd, absolute) || (await followLinks(absolute)) !== absolute) {
          problems.push({ path, reason: 'is behind a link by now' });
        } else if ((await readHash(absolute).catch(() => undefined)) !== after) {
          problems.push({ path, reason: 'has changed since the patch was applied' });
        }
      }
      if (problems.length > 0) return problems;
      const undo: (() => Promise<void>)[] = [];
      try {
        for (const [index, file] of files) {
          const current = await readFileIfAny(file.absolute);
          undo.push(() => putFile(file.absolute, current, file.mode ?? 0o644));
          const before = file.mode === null ? null : await readFile(join(of(patchId), String(index)));
          await putFile(file.absolute, before, file.mode ?? 0o644);
        }
      } catch (error) {
        for (const back of undo.reverse()) await back();
        throw error;
      }
      await rm(of(patchId), { recursive: true, force: true });
      return [];
    },

    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readHash(path: string): Promise<string> {
  const bytes = await readFileIfAny(path);
  return bytes === null ? 'none' : createHash('sha256').update(bytes).digest('hex');
}
