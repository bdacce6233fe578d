import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, sep } from 'node:path';
import { ServiceError } from '@parleyhq/contract';

/**
 * Resolves the `cwd` of a new session, links followed.
 *
 * @throws ServiceError `InvalidRequest` at /body/cwd unless it is an absolute path of a directory inside one of `roots`.
 */
export async function resolveCwd(cwd: string, roots: readonly string[]): Promise<string> {
  if (!isAbsolute(cwd)) throw invalid(`expected an absolute path, got ${cwd}`);
  const resolved = await realpath(cwd).catch(() => undefined);
  if (resolved === undefined || !(await stat(resolved)).isDirectory()) {
    throw invalid(`expected an existing directory, got ${cwd}`);
  }
  const real = await Promise.all(roots.map((root) => realpath(root)));
  if (real.some((root) => isInside(root, resolved))) return resolved;
  throw invalid(`expected a directory inside ${roots.join(' or ')}, got ${resolved}`);
}

/** Whether a resolved path is a folder or lies inside of it. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidRequest', `cwd: ${message}.`, { details: [{ pointer: '/body/cwd', message }] });
}
