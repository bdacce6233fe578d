import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.js';

/** Turns off all conversions. Git prefers this file to the .gitattributes of the project. */
// Without this: converts what it copies, as attributes say
const ATTRIBUTES = '* -text -filter -ident -eol -working-tree-encoding\n';

/**
 * Opens a bare repository of the server, and creates it if it does not exist.
 *
 * @param borrowed object folders of other repositories that it reads and never writes
 */
export async function openStore(git: Git, folder: string, borrowed: readonly string[] = []): Promise<string> {
  const isThere = await readFile(join(folder, 'HEAD')).then(
    () => true,
    () => false,
  );
  await removeUnfinished(folder);
  if (isThere) return folder;
  const temporary = `${folder}.new`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await git.run(['init', '-q', '--bare', '--template=', '--object-format=sha1', '.'], {
    cwd: temporary,
    gitDir: temporary,
  });
  await mkdir(join(temporary, 'info'), { recursive: true });
  await writeFile(join(temporary, 'info/attributes'), ATTRIBUTES);
  await writeAlternates(temporary, borrowed);
  await rename(temporary, folder);
  return folder;
}

/**
 * Removes what a killed git leaves in a repository of the server: its lock, and what it has begun to write. To be called when
 * nobody writes there.
 */
export async function removeUnfinished(store: string): Promise<void> {
  const objects = join(store, 'objects');
  const inFolder = async (folder: string, begin: RegExp) => {
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => begin.test(name)).map((name) => join(folder, name));
  };
  const left = [...(await inFolder(objects, /^tmp_objdir-/)), ...(await inFolder(join(objects, 'pack'), /^tmp_/))];
  for (const path of [join(store, 'index.lock'), ...left]) await rm(path, { recursive: true, force: true });
}

/** Lets a repository read the objects of other repositories. */
export async function writeAlternates(gitDir: string, borrowed: readonly string[]): Promise<void> {
  if (borrowed.length === 0) return;
  await mkdir(join(gitDir, 'objects/info'), { recursive: true });
  // Quoted, since the name of a folder may contain any character. Git unquotes the lines.
  await writeFile(
    join(gitDir, 'objects/info/alternates'),
    borrowed.map((path) => `${JSON.stringify(path)}\n`).join(''),
  );
}
