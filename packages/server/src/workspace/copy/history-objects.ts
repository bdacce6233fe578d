import { constants, type Dirent } from 'node:fs';
import { copyFile, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingPath } from '../../files/is-missing.js';
import { BehindLink, inFolder } from '../../files/without-links.js';
import { type Git, GitError } from '../git/git.js';
import { lstatIfAny, READ_FILE } from '../landing/on-disk.js';

/**
 * The most bytes of a history that a copy gets whole. Of a larger one it gets what is newest, and reads the rest where the
 * user's repository has it.
 */
const MAX_BYTES = 268_435_456;
/** As many commits are the newest. */
const NEWEST = 1_000;
/** With more objects in files of their own than this, the copy gets one pack of them, which takes a third of the time. */
const MANY = 500;
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
  await copyLoose(git, top, { from, to }, copied);
  await copyPacks(join(from, 'pack'), join(to, 'pack'), copied);
  // Without this: has git follow the links of a project
  if (!copied.isWhole && !copied.isOdd) await packNewest(git, top, to);
}

/** Copies the objects that have a file of their own. */
async function copyLoose(
  git: Git,
  top: string,
  { from, to }: { readonly from: string; readonly to: string },
  copied: Copied,
): Promise<void> {
  const loose = new Map<string, string[]>();
  for (const folder of await namesIn(from, /^[0-9a-f]{2}$/, copied)) {
    loose.set(folder, await namesIn(join(from, folder), /^[0-9a-f]{38}([0-9a-f]{24})?$/, copied, isFile));
  }
  const ids = [...loose].flatMap(([folder, names]) => names.map((name) => folder + name));
  // Without this: has git open what is in place of objects
  if (ids.length > MANY && !copied.isOdd && (await packLoose(git, top, { ids, to }, copied))) return;
  for (const [folder, names] of loose) {
    if (names.length > 0) await mkdir(join(to, folder), { recursive: true });
    await copyAll(join(from, folder), join(to, folder), names, copied);
  }
}

/** Writes many objects into one pack, if there is room. @returns false if git cannot, for example since one of them is gone */
async function packLoose(
  git: Git,
  top: string,
  { ids, to }: { readonly ids: readonly string[]; readonly to: string },
  copied: Copied,
): Promise<boolean> {
  const kibibytes = /^size: (\d+)$/m.exec(await git.line(['count-objects', '-v'], { cwd: top }))?.[1];
  const size = Number(kibibytes ?? 0) * 1_024;
  copied.isWhole &&= size <= copied.room;
  if (size > copied.room) return true;
  try {
    await packInto(git, top, to, [], ids.map((id) => `${id}\n`).join(''));
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
  copied.room -= size;
  return true;
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
async function namesIn(
  folder: string,
  form: RegExp,
  copied: Copied,
  isExpected: (entry: Dirent) => boolean = () => true,
): Promise<string[]> {
  const list = (held: string) => readdir(held, { withFileTypes: true });
  const entries = await inFolder(folder, list).catch(() => undefined);
  if (entries === undefined && (await lstatIfAny(folder)) !== undefined) copied.isOdd = true;
  const formed = (entries ?? []).filter(({ name }) => form.test(name));
  copied.isOdd ||= !formed.every(isExpected);
  return formed.filter(isExpected).map(({ name }) => name);
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
  await packInto(git, top, to, ['--revs'], input);
}

/** Writes a pack of what `input` says. */
async function packInto(git: Git, top: string, to: string, options: readonly string[], input: string): Promise<void> {
  await mkdir(join(to, 'pack'), { recursive: true });
  const args = ['pack-objects', ...options, '--local', '-q', '--window=0', '--compression=1', join(to, 'pack/pack')];
  await git.run(args, { cwd: top, input });
}

function isFile(entry: Dirent): boolean {
  return entry.isFile();
}
