import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, sep } from 'node:path';
import { ServiceError } from '@parleyhq/contract';

/** The places where sessions may work. */
export interface AllowedPlaces {
  /** The folders that sessions may work in, with everything in them. */
  readonly roots: readonly string[];
  /** The server's data directory, absolute, with its tokens and its log. No session may work in it. */
  readonly dataDir: string;
}

/** The requirements of a new session for a directory. */
export interface WantedDirectory {
  /** Whether the directory must not contain the data directory: for an agent in a sandbox or a copy. @default false */
  readonly apartFromData?: boolean;
  /** The part of the request that names it. @default 'body' */
  readonly part?: 'body' | 'query';
}

/**
 * Resolves a directory of a new session, with its links. `field` is its place in the request.
 *
 * @throws ServiceError `InvalidRequest` at that place unless it is an absolute path of a directory inside one of the roots and
 *   outside of the data directory. With `apartFromData`, it must not contain the data directory either.
 */
export async function resolveDirectory(
  field: string,
  path: string,
  places: AllowedPlaces,
  { apartFromData = false, part = 'body' }: WantedDirectory = {},
): Promise<string> {
  const invalid = (message: string) =>
    new ServiceError('InvalidRequest', `${field}: ${message}.`, {
      details: [{ pointer: `/${part}/${field}`, message }],
    });
  if (!isAbsolute(path)) throw invalid(`expected an absolute path, got ${path}`);
  const resolved = await realpath(path).catch(() => undefined);
  const isFolder = resolved !== undefined && (await stat(resolved).catch(() => undefined))?.isDirectory();
  // One message for all cases, without the target of a link: callers must not learn what exists outside of the roots.
  if (resolved === undefined || isFolder !== true || !(await isInRoots(resolved, places))) {
    throw invalid(`expected an existing directory inside ${places.roots.join(' or ')}, got ${path}`);
  }
  const dataDir = await resolvedIfThere(places.dataDir);
  if (isInside(dataDir, resolved)) {
    throw invalid(`expected a directory outside of the server's data directory ${dataDir}, got ${resolved}`);
  }
  if (apartFromData && isInside(resolved, dataDir)) {
    const why = 'which an agent in a sandbox or a copy must not see';
    throw invalid(
      `expected a directory that does not hold the server's data directory ${dataDir}, ${why}; got ${resolved}`,
    );
  }
  return resolved;
}

/**
 * Why the `cwd` of a session must not be used now, although it was allowed when the session was created: it may have been
 * replaced by a link, and the roots may have changed. Undefined if it may be used.
 */
export async function problemOfCwd(cwd: string, places: AllowedPlaces): Promise<string | undefined> {
  const now = await realpath(cwd).catch(() => undefined);
  if (now === undefined) return 'the working directory is not there any more';
  if (now !== cwd) return 'the working directory is behind a link by now';
  if (!(await isInRoots(now, places)))
    return 'the working directory is in none of the folders that sessions may work in';
  if (isInside(await resolvedIfThere(places.dataDir), now))
    return "the working directory is in the server's own folder";
  return undefined;
}

/** Whether a resolved path is a folder or lies inside of it. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

async function isInRoots(resolved: string, { roots }: AllowedPlaces): Promise<boolean> {
  // A root that no longer exists allows nothing.
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  return real.some((root) => root !== undefined && isInside(root, resolved));
}

function resolvedIfThere(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
