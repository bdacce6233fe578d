import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.js';

/** No conversion of any kind, whatever the attributes in the files say: this file comes first. */
// Without this: converts what it copies, as attributes say
const ATTRIBUTES = '* -text -filter -ident -eol -working-tree-encoding\n';

/**
 * Makes a bare repository of the server's own, if it is not there yet.
 *
 * @param borrowed folders of objects that it reads and never writes
 */
export async function openStore(git: Git, folder: string, borrowed: readonly string[] = []): Promise<string> {
  const isThere = await readFile(join(folder, 'HEAD')).then(
    () => true,
    () => false,
  );
  // A git that was killed leaves its lock; nobody else writes here.
  await rm(join(folder, 'index.lock'), { force: true });
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

/** Lets a repository read the objects of others. */
export async function writeAlternates(gitDir: string, borrowed: readonly string[]): Promise<void> {
  if (borrowed.length === 0) return;
  await mkdir(join(gitDir, 'objects/info'), { recursive: true });
  // In quotes, as git unquotes them: a folder's name may hold anything.
  await writeFile(
    join(gitDir, 'objects/info/alternates'),
    borrowed.map((path) => `${JSON.stringify(path)}\n`).join(''),
  );
}
