import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createIsolatedWorkspaces, type IsolatedWorkspacesOptions } from '../src/workspace/open-workspace.js';
import { temporaryFolder } from './start-server.js';

/** The content of a path: a text, a text with a mode, or a link. */
export type Content = string | Buffer | { readonly text: string; readonly mode: number } | { readonly link: string };

/** Writes files, links and folders (a path with `/` at the end). */
export function fill(folder: string, files: Readonly<Record<string, Content>>): void {
  for (const [path, content] of Object.entries(files)) {
    const at = join(folder, path);
    if (path.endsWith('/')) mkdirSync(at, { recursive: true });
    else {
      mkdirSync(dirname(at), { recursive: true });
      if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(at, content);
      else if ('link' in content) symlinkSync(content.link, at);
      else {
        writeFileSync(at, content.text);
        chmodSync(at, content.mode);
      }
    }
  }
}

/** Everything in a folder, to be compared: kind, permissions and content of each path (one character for each byte). */
export function look(folder: string, skip: (path: string) => boolean = () => false): Record<string, string> {
  const seen: Record<string, string> = {};
  const visit = (above: string) => {
    const inside = readdirSync(Buffer.from(`${folder}/${above}`, 'latin1'), { encoding: 'buffer' });
    for (const name of inside.map((bytes) => bytes.toString('latin1')).sort()) {
      const path = above + name;
      const at = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
      const stat = lstatSync(at);
      const bits = (stat.mode & 0o7777).toString(8);
      const content = () => createHash('sha1').update(readFileSync(at)).digest('hex');
      if (!skip(path)) {
        if (stat.isSymbolicLink()) seen[path] = `link ${readlinkSync(at)}`;
        else seen[path] = stat.isFile() ? `${bits} ${content()}` : `folder ${bits}`;
      }
      if (stat.isDirectory()) visit(`${path}/`);
    }
  };
  visit('');
  return seen;
}

/** Runs the user's own git. */
export function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' });
}

/** A directory of the user's, and isolated workspaces on it, in a folder of the test unless another is given. */
export async function openProject(
  files: Readonly<Record<string, Content>> = {},
  repository = true,
  options: Partial<IsolatedWorkspacesOptions> = {},
  folder?: string,
) {
  folder ??= await temporaryFolder();
  const cwd = join(folder, 'project');
  mkdirSync(cwd, { recursive: true });
  fill(cwd, files);
  if (repository) {
    git(cwd, 'init', '-q', '-b', 'main');
    git(cwd, 'add', '--all');
    git(cwd, 'commit', '-q', '--allow-empty', '-m', 'first');
  }
  const workspaces = createIsolatedWorkspaces(join(folder, 'cache'), { readTimeout: 30_000, ...options });
  let made = 0;
  return {
    ...{ folder, cwd, workspaces },
    open: (inner = cwd) => {
      made += 1;
      return workspaces.create(inner, join(folder, `session-${made}`));
    },
    reopen: () => workspaces.reopen(cwd, join(folder, `session-${made}`)),
  };
}

/** Applies the pending change. Returns the ids of all applied patches. */
export async function applyAll(
  workspace: Awaited<ReturnType<Awaited<ReturnType<typeof openProject>>['open']>>,
  applied: readonly string[] = [],
): Promise<string[]> {
  const change = await workspace.pending(applied);
  if (change === undefined) throw new Error('nothing is pending');
  const problems = await workspace.apply(change, async () => undefined);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return [...applied, change.patchId];
}
