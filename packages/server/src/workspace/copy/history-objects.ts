import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingPath } from '../../files/is-missing.js';
import { BehindLink, inFolder } from '../../files/without-links.js';
import type { Git } from '../git/git.js';
import { lstatIfAny, READ_FILE } from '../landing/on-disk.js';

/**
 * The most bytes of a history that a copy gets whole. Of a larger one it gets what is newest, and reads the rest where the
 * user's repository has it.
 */
const MAX_BYTES = 268_435_456;
/** As many commits are the newest. */
const NEWEST = 1_000;
/** Files that are copied at the same time. */
const AT_ONCE = 32;
/** A file of so many bytes is read and written at once, which takes half as long. */
const SMALL = 65_536;
/** Looks at all packs, while the user's git may be writing them anew. */
const LOOKS = 3;

/** What has been copied of a history. */
interface Copied {
  /** How many bytes may still be copied. */
  room: number;
  /** Whether all of it had room. */
  isWhole: boolean;
  /** Whether a link, a pipe or a device was in place of a file or folder, or something could not be read. */
  isOdd: boolean;
}

/**
 * Gives a copy its own objects of the project's history, so that the user may rewrite it and clean up meanwhile. They are no
 * hard links to those of the user, since the agent may write them.
 *
 * @param top the top of the user's work tree
 * @param from the folder of objects of the user's repository, which is only read
 * @param to that of the copy
 */
export async function copyObjects(
  git: Git,
  { top, from, to }: { readonly top: string; readonly from: string; readonly to: string },
  maxBytes = MAX_BYTES,
): Promise<void> {
  const copied: Copied = { room: maxBytes, isWhole: true, isOdd: false };
  // Git moves objects from files of their own into packs: whoever looks in this order misses none.
  const names = await namesIn(from, /^[0-9a-f]{2}$/, copied);
  for (const name of names) await copyLoose(join(from, name), join(to, name), copied);
  await copyPacks(join(from, 'pack'), join(to, 'pack'), copied);
  // Without this: has git follow the links of a project
  if (!copied.isWhole && !copied.isOdd) await packNewest(git, top, to);
}

async function copyLoose(from: string, to: string, copied: Copied): Promise<void> {
  const names = await namesIn(from, /^[0-9a-f]{38}([0-9a-f]{24})?$/, copied);
  if (names.length > 0) await mkdir(to, { recursive: true });
  await copyAll(from, to, names, copied);
}

async function copyPacks(from: string, to: string, copied: Copied): Promise<void> {
  await mkdir(to, { recursive: true });
  const seen = new Set<string>();
  for (let looked = 0; looked < LOOKS; looked += 1) {
    const names = (await namesIn(from, /^pack-[0-9a-f]+\.pack$/, copied)).filter((name) => !seen.has(name));
    if (names.length === 0) return;
    const sized = names.map(async (name) => ({ name, size: (await lstatIfAny(join(from, name)))?.size ?? 0 }));
    const bySize = (await Promise.all(sized)).sort((one, other) => one.size - other.size);
    for (const { name } of bySize) {
      seen.add(name);
      // Git looks for the second one: it must not be there without the first.
      await copyAll(from, to, [name], copied);
      if (copied.isWhole) await copyAll(from, to, [name.replace(/\.pack$/, '.idx')], copied);
    }
  }
}

/** The names in a folder that have a form. */
async function namesIn(folder: string, form: RegExp, copied: Copied): Promise<string[]> {
  const names = await inFolder(folder, (held) => readdir(held)).catch(() => undefined);
  if (names === undefined && (await lstatIfAny(folder)) !== undefined) copied.isOdd = true;
  return (names ?? []).filter((name) => form.test(name));
}

async function copyAll(from: string, to: string, names: readonly string[], copied: Copied): Promise<void> {
  if (names.length === 0) return;
  const copyHeld = async (held: string) => {
    for (let next = 0; next < names.length; next += AT_ONCE) {
      const batch = names.slice(next, next + AT_ONCE);
      await Promise.all(batch.map((name) => copyObject(join(held, name), join(to, name), copied)));
    }
  };
  await inFolder(from, copyHeld).catch((error: unknown) => {
    if (!(error instanceof BehindLink)) throw error;
    copied.isOdd = true;
  });
}

async function copyObject(path: string, to: string, copied: Copied): Promise<void> {
  const file = await open(path, READ_FILE).catch((error: unknown) => {
    // The user's git may have removed it.
    if (!isMissingPath(error)) copied.isOdd = true;
  });
  if (file === undefined) return;
  try {
    const stat = await file.stat();
    copied.isOdd ||= !stat.isFile();
    copied.isWhole &&= stat.size <= copied.room;
    // Without this: waits for a pipe in place of an object
    if (!stat.isFile()) return;
    if (stat.size > copied.room) return;
    copied.room -= stat.size;
    if (stat.size <= SMALL) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(stat.size), 0, stat.size, 0);
      return await writeFile(to, buffer.subarray(0, bytesRead), { mode: 0o444 });
    }
    // The file that is open, whatever has its name by now.
    const opened = process.platform === 'linux' ? `/proc/self/fd/${file.fd}` : path;
    await copyFile(opened, to, constants.COPYFILE_FICLONE);
  } finally {
    await file.close();
  }
}

/** Writes the newest commits into a pack, with what they have changed. */
async function packNewest(git: Git, top: string, to: string): Promise<void> {
  const args = ['rev-list', `--max-count=${NEWEST}`, '--boundary', '--all', 'HEAD'];
  // It fails if there is no commit yet. The commits before those that are listed have a `-`.
  const { stdout } = await git.run(args, { cwd: top, answers: [0, 128] });
  const input = stdout.toString().replace(/^-/gm, '^');
  await git.run(['pack-objects', '--revs', '--local', '-q', '--window=0', join(to, 'pack/pack')], { cwd: top, input });
}
