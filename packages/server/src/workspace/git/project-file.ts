import { openWithoutLinks } from '../../files/without-links.js';

/** The largest file that a project may tell git something in. */
const MAX_BYTES = 4_194_304;

/**
 * Reads a small file that a project has in its place, such as its ignore rules, without following a link in its path.
 *
 * @param path absolute
 * @returns undefined if there is none, or if it is a link, a pipe, a device, or larger than 4 MiB
 */
export async function readProjectFile(path: string): Promise<Buffer | undefined> {
  const file = await openWithoutLinks(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const stat = await file.stat();
    return stat.isFile() && stat.size <= MAX_BYTES ? await file.readFile() : undefined;
  } finally {
    await file.close();
  }
}
