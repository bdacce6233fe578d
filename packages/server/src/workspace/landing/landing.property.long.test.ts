import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Content, fill, look, openProject } from '../../../test/isolated.js';
import { holds } from '../../../test/property.js';

const LAND_UNTIL_KILLED = fileURLToPath(new URL('../../../test/land-until-killed.mjs', import.meta.url));
const inGit = (path: string) => path === '.git' || path.startsWith('.git/');

/** Names that are hard to write down, two of them beside each other, and a folder that may be a file. */
const path = fc.constantFrom('a', 'b.txt', 'dir/c', 'dir/d e', 'dir/in/f"g', 'dir/in', 'dir', 'é\n\\', '-x', 'z/y/x');
const lines = fc.array(fc.constantFrom('one', 'two', 'three', 'ünf', '\r', '<<<<<<<'), { maxLength: 6 });
const text = fc.tuple(lines, fc.boolean()).map(([all, ended]) => all.join('\n') + (ended ? '\n' : ''));
const content: fc.Arbitrary<Content> = fc.oneof(
  { weight: 4, arbitrary: text },
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.record({ text, mode: fc.constantFrom(0o644, 0o755, 0o600, 0o750) }),
  fc.record({ link: fc.constantFrom('a', '..', '/etc/passwd', 'dir') }),
);

type Edit =
  | { readonly do: 'write'; readonly path: string; readonly content: Content }
  | { readonly do: 'remove' | 'chmod'; readonly path: string };
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('write' as const), path, content }) },
  fc.record({ do: fc.constantFrom('remove' as const, 'chmod' as const), path }),
);
const edits = (most: number) => fc.array(edit, { maxLength: most });

/** Makes a change as a program would that cares for nothing: whatever is in the way is removed. */
function make(folder: string, change: Edit): void {
  const at = join(folder, change.path);
  const names = change.path.split('/').slice(0, -1);
  for (const above of names.map((_, count) => join(folder, ...names.slice(0, count + 1)))) {
    if (lstatSync(above, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(above);
  }
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (change.do === 'chmod') {
    if (stat?.isFile()) chmodSync(at, (stat.mode & 0o7777) ^ 0o111);
    return;
  }
  rmSync(at, { recursive: true, force: true });
  if (change.do === 'write') fill(folder, { [change.path]: change.content });
}

const nothing = async () => undefined;
const RUNS = 12;

/** A directory as it stood, what an agent made of its copy, and what the user did meanwhile. */
const story = fc.record({
  repository: fc.boolean(),
  start: edits(6),
  agent: edits(5),
  user: edits(3),
  later: edits(2),
});

async function tell({
  repository,
  start,
  agent,
  user,
}: Omit<typeof story extends fc.Arbitrary<infer S> ? S : never, 'later'>) {
  const project = await openProject({ a: 'one\ntwo\nthree\nfour\nfive\nsix\n', 'dir/c': 'c\n' }, repository);
  const { cwd } = project;
  for (const change of start) make(cwd, change);
  const base = look(cwd, inGit);
  const workspace = await project.open();
  for (const change of agent) make(workspace.folder, change);
  for (const change of user) make(cwd, change);
  const copy = look(workspace.folder, inGit);
  const change = await workspace.pending([]);
  return { ...project, base, copy, workspace, change };
}

/** Paths, folders apart, that differ. */
function changed(before: Record<string, string>, after: Record<string, string>): string[] {
  const all = new Set([...Object.keys(before), ...Object.keys(after)]);
  const isFolder = (seen: string | undefined) => seen === undefined || seen.startsWith('folder');
  return [...all].filter((name) => before[name] !== after[name] && !(isFolder(before[name]) && isFolder(after[name])));
}

it('what is applied and reverted leaves every byte and mode as it was; what conflicts changes nothing', async () => {
  await holds(
    fc.asyncProperty(story, async (given) => {
      const { cwd, workspace, change } = await tell(given);
      const before = look(cwd);
      if (change === undefined) return;
      const patch = await workspace.describe(change, 1e6);
      const problems = await workspace.apply(change, nothing);
      expect(patch.conflicts).toEqual(problems);
      if (problems.length === 0) expect(await workspace.revert([change.patchId], nothing)).toEqual([]);
      expect(look(cwd)).toEqual(before);
    }),
    RUNS,
  );
});

it('what only the agent changed lands as it is, and what only the user changed stays', async () => {
  await holds(
    fc.asyncProperty(story, async (given) => {
      const { cwd, base, copy, workspace, change } = await tell(given);
      const before = look(cwd, inGit);
      const problems = change === undefined ? [] : await workspace.apply(change, nothing);
      if (problems.length > 0) return;
      const after = look(cwd, inGit);
      const byAgent = changed(base, copy);
      const byUser = changed(base, before);
      for (const name of byUser.filter((each) => !byAgent.includes(each)))
        expect([name, after[name]]).toEqual([name, before[name]]);
      if (byUser.length > 0) return;
      const kindAndContent = (seen: string | undefined) =>
        seen?.replace(/^\d+/, (bits) => (Number.parseInt(bits, 8) & 0o100 ? 'x' : '-'));
      for (const name of changed(after, copy))
        expect([name, kindAndContent(after[name])]).toEqual([name, kindAndContent(copy[name])]);
    }),
    RUNS,
  );
});

it('what the user changes after a patch survives its revert, or the revert changes nothing', async () => {
  await holds(
    fc.asyncProperty(story, async ({ later, ...given }) => {
      const { cwd, workspace, change } = await tell({ ...given, user: [] });
      const before = look(cwd, inGit);
      if (change === undefined || (await workspace.apply(change, nothing)).length > 0) return;
      const applied = look(cwd, inGit);
      for (const edited of later) make(cwd, edited);
      const edited = look(cwd, inGit);
      const problems = await workspace.revert([change.patchId], nothing);
      const after = look(cwd, inGit);
      if (problems.length > 0) {
        expect(after).toEqual(edited);
        return;
      }
      const byPatch = changed(before, applied);
      const byUser = changed(applied, edited);
      for (const name of byUser.filter((each) => !byPatch.includes(each)))
        expect([name, after[name]]).toEqual([name, edited[name]]);
    }),
    RUNS,
  );
});

it('a log that cannot be written leaves everything as it was', async () => {
  await holds(
    fc.asyncProperty(story, async (given) => {
      const { cwd, workspace, change } = await tell(given);
      const before = look(cwd);
      if (change === undefined) return;
      const refuse = async () => {
        throw new Error('the log cannot be written');
      };
      const outcome = await workspace.apply(change, refuse).catch((error: Error) => error.message);
      if (!Array.isArray(outcome)) expect(outcome).toBe('the log cannot be written');
      expect(look(cwd)).toEqual(before);
    }),
    RUNS,
  );
});

it('a landing that is killed in the middle is there or is not, and what the user does meanwhile stays', async () => {
  const killed = fc.record({ given: story, at: fc.nat({ max: 45 }) });
  await holds(
    fc.asyncProperty(killed, async ({ given, at }) => {
      const { cwd, folder, workspace, change, reopen } = await tell(given);
      if (change === undefined || (await workspace.describe(change, 1e6)).conflicts.length > 0) return;
      const before = look(cwd);
      const log = join(folder, 'log.json');
      writeFileSync(log, '[]');
      const env = { ...process.env, DIE_AT: String(at) };
      const { signal, status, stderr } = spawnSync(
        process.execPath,
        [LAND_UNTIL_KILLED, cwd, join(folder, 'session-1'), log],
        { env },
      );
      if (signal === null) expect([status, stderr.toString()]).toEqual([0, '']);
      fill(cwd, { 'by the user': 'meanwhile\n' });
      const applied: string[] = JSON.parse(readFileSync(log, 'utf8'));
      const again = await reopen();
      expect(await again.recover(applied)).toEqual([]);
      if (applied.length > 0) expect(await again.revert(applied, nothing)).toEqual([]);
      expect(look(cwd)).toEqual({ ...before, 'by the user': expect.stringMatching(/^644 /) });
    }),
    RUNS,
  );
});
