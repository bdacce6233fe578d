/**
 * A path as git prints it, with one character for each byte, since file names need not be UTF-8. Relative to a folder, with
 * `/`.
 */
export type BytePath = string;

/** The bytes of a path, as the file system takes them. */
export function bytesOf(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** The paths in the output of a git command with `-z`. */
export function readPaths(stdout: Buffer): BytePath[] {
  return stdout.toString('latin1').split('\0').slice(0, -1);
}
