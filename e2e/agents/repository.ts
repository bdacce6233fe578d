import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes a git repository with the given files committed. */
export async function createRepository(cwd: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(cwd, { recursive: true });
  for (const [path, content] of Object.entries(files)) await writeFile(join(cwd, path), content);
  await git(cwd, 'init', '--quiet');
  await git(cwd, 'add', '--all');
  await git(cwd, '-c', 'user.name=Parley', '-c', 'user.email=parley@example.com', 'commit', '--quiet', '-m', 'Start');
}

/** Whether git would apply a diff to the files as they are; `undo`: whether it would take it out again. */
export async function wouldApply(cwd: string, diff: string, { undo }: { undo: boolean }): Promise<boolean> {
  const checking = run('git', ['apply', '--check', ...(undo ? ['--reverse'] : []), '-'], { cwd });
  checking.child.stdin?.end(diff);
  return checking.then(
    () => true,
    () => false,
  );
}

/** Runs git in a repository and gives what it printed. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  return (await run('git', args, { cwd })).stdout;
}
