import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fill, look, openProject } from '../../../test/isolated.js';
import { createIsolatedWorkspaces } from './open-workspace.js';

const PROGRAM = fileURLToPath(new URL('../../../test/land-and-die.mjs', import.meta.url));
const KILLS = 25;

it('a landing that is killed at any moment is finished or undone after it, as the log says', {
  timeout: 300_000,
}, async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`dir${at % 4}/f${at}`, `text ${at}\n`]));
  const project = await openProject({ ...files, link: { link: 'dir0' }, 'to-folder': 'a file\n', 'old/o': 'o\n' });
  const { cwd, folder: root } = project;
  const made = await project.open();
  const folder = join(root, 'session-1');
  const log = join(root, 'log.json');
  const copy = made.folder;
  for (let at = 0; at < 40; at += 2) writeFileSync(join(copy, `dir${at % 4}/f${at}`), `changed ${at}\n`);
  for (let at = 1; at < 20; at += 4) rmSync(join(copy, `dir${at % 4}/f${at}`));
  for (const name of ['link', 'to-folder']) rmSync(join(copy, name));
  renameSync(join(copy, 'old'), join(copy, 'new'));
  fill(copy, { 'to-folder/x': 'x\n', link: 'a file now\n', 'made/deep/y': { text: 'y\n', mode: 0o755 } });
  chmodSync(join(copy, 'dir3/f3'), 0o755);

  const before = look(cwd);
  const change = await made.pending([]);
  expect(await made.apply(change ?? never(), async () => undefined)).toEqual([]);
  const after = look(cwd);
  const applied = [change?.patchId];
  writeFileSync(log, JSON.stringify(applied));

  const ends = { before: 0, after: 0, interrupted: 0 };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = spawn(process.execPath, [PROGRAM, cwd, folder, log], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await landingBegins(folder);
    await delay(Math.random() * 60);
    child.kill('SIGKILL');
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    const left = look(cwd);
    const says: string[] = JSON.parse(readFileSync(log, 'utf8'));
    const reopened = await createIsolatedWorkspaces(`${folder}-cache`).reopen(cwd, folder);
    expect(await reopened.recover(says)).toEqual([]);
    const settled = look(cwd);
    expect(settled).toEqual(says.length === 0 ? before : after);
    ends[says.length === 0 ? 'before' : 'after'] += 1;
    if (JSON.stringify(left) !== JSON.stringify(settled)) ends.interrupted += 1;
  }
  // Not a proof unless some were caught in the middle.
  expect(ends.interrupted).toBeGreaterThan(0);
});

describe('a landing that is killed between a folder and the file that it was made for is taken back whole', () => {
  async function openMoved() {
    const { cwd, folder, open } = await openProject({ 'old/o': 'o\n', 'to-folder': 'a file\n' });
    const workspace = await open();
    renameSync(join(workspace.folder, 'old'), join(workspace.folder, 'new'));
    rmSync(join(workspace.folder, 'to-folder'));
    fill(workspace.folder, { 'to-folder/deep/x': 'x\n' });
    const change = (await workspace.pending([])) ?? never();
    return { cwd, workspace, change, journal: join(folder, 'session-1', 'landing.json') };
  }

  /** What is written down of a landing while it lasts; it comes to nothing here. */
  async function intentOf(journal: string, landing: (commit: () => Promise<void>) => Promise<unknown>) {
    let text = '';
    const refused = landing(async () => {
      text = readFileSync(journal, 'utf8');
      throw new Error('the log is full');
    });
    await expect(refused).rejects.toThrow('the log is full');
    return text;
  }

  it('where a file was before', async () => {
    const { cwd, workspace, change, journal } = await openMoved();
    const before = look(cwd);
    const intent = await intentOf(journal, (commit) => workspace.apply(change, commit));
    expect(look(cwd)).toEqual(before);
    writeFileSync(journal, intent);
    rmSync(join(cwd, 'to-folder'));
    fill(cwd, { 'to-folder/deep/': '' });
    expect(await workspace.recover([])).toEqual([]);
    expect(look(cwd)).toEqual(before);
  });

  it('where the patch that was to be reverted had moved everything away', async () => {
    const { cwd, workspace, change, journal } = await openMoved();
    await workspace.apply(change, async () => undefined);
    const applied = [change.patchId];
    const after = look(cwd);
    const intent = await intentOf(journal, (commit) => workspace.revert(applied, commit));
    expect(look(cwd)).toEqual(after);
    writeFileSync(journal, intent);
    fill(cwd, { 'old/': '' });
    expect(await workspace.recover(applied)).toEqual([]);
    expect(look(cwd)).toEqual(after);
  });
});

/** Resolves when the intent of a landing is written down. */
function landingBegins(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_, name) => {
      if (name !== 'landing.json') return;
      watcher.close();
      resolve();
    });
  });
}

function never(): never {
  throw new Error('nothing is pending');
}
