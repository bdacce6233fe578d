import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BrokenRule } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import { type Conversation, startConversation } from './conversation.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

const APPLY = 'openapi.yaml#/paths/~1api~1sessions~1{session_id}~1apply_patch/post';
const REVERT = 'openapi.yaml#/paths/~1api~1sessions~1{session_id}~1revert_patch/post';

/** Patches: shown, applied, reverted. The kit reads the files themselves. */
export const patchRules: readonly Rule[] = [
  {
    id: 'rest/patch-direct',
    level: 'agent',
    title: 'In a direct workspace nothing is written before apply_patch, and revert_patch undoes what was written.',
    source: 'PROTOCOL.md#7. **A patch needs consent.**',
    promise: 7,
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('请帮我实现一个排序函数');
      await talk.waitFor('approval_requested', { turn_id });
      await talk.waitFor('patch_updated');
      await expectFiles(talk, []);
      const patch_id = await checkPatch(talk, ['sort.ts']);
      const stale = await talk.call('POST', '/apply_patch', { patch_id: randomUUID() });
      expectAnswer(stale, { status: 409, code: 'PatchSuperseded' });
      await expectFiles(talk, []);
      await checkApply(talk, patch_id);
      await expectFiles(talk, ['sort.ts']);
      await talk.waitFor('patch_applied', { patch_id });
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
      expectAnswer(await talk.call('GET', '/patch'), { status: 409, code: 'NoPendingPatch' });
      await checkRevert(talk, patch_id);
      await expectFiles(talk, []);
    },
  },
  {
    id: 'rest/patch-isolated',
    level: 'agent',
    title: 'In an isolated workspace a patch is applied whole or, if it conflicts, not at all, and is reverted whole.',
    source: 'PROTOCOL.md#**A patch from a copy.**',
    promise: 7,
    async run(world) {
      const talk = await startConversation(world, { workspace: 'isolated' });
      const turn_id = await talk.say('/edits');
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
      await expectFiles(talk, []);
      const patch_id = await checkPatch(talk, ['src/greet.ts', 'src/index.ts']);
      for (const { type, by, outcome } of await talk.events()) {
        if (type !== 'approval_resolved' || (by === 'policy' && outcome === 'selected')) continue;
        throw new BrokenRule({
          expected: 'edits in a copy to be allowed by policy',
          got: `${show(outcome)} by ${show(by)}`,
        });
      }
      const summary = await talk.getSession();
      const pending = field(summary.json, 'patch', 'patch_id');
      expectThat(pending === patch_id, summary, { expected: `the pending patch ${patch_id}`, got: show(pending) });

      await writeFile(join(talk.cwd, 'src'), 'in the way\n');
      const conflict = await talk.call('POST', '/apply_patch', { patch_id });
      expectAnswer(conflict, { status: 409, code: 'PatchConflict' });
      const details = field(conflict.json, 'details');
      expectThat(Array.isArray(details) && details.length > 0, conflict, {
        expected: 'each file in details',
        got: 'none',
      });
      const preview = await talk.call('GET', '/patch');
      expectFields(preview, { patch_id, applicable: false });
      await expectFiles(talk, ['src']);
      await rm(join(talk.cwd, 'src'));

      await checkApply(talk, patch_id);
      await expectFiles(talk, ['src/greet.ts', 'src/index.ts']);
      expectAnswer(await talk.call('GET', '/patch'), { status: 409, code: 'NoPendingPatch' });
      await writeFile(join(talk.cwd, 'mine.txt'), 'mine\n');
      await checkRevert(talk, patch_id);
      await expectFiles(talk, ['mine.txt']);
      expectFields(await talk.call('GET', '/patch'), { patch_id, applicable: true });
    },
  },
  {
    id: 'rest/patch-rejected',
    level: 'agent',
    title: 'A patch whose approval is rejected is no longer pending, and has written nothing.',
    source: 'PROTOCOL.md#**An edit that asks.**',
    promise: 7,
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/edits');
      await talk.waitFor('approval_requested', { turn_id });
      for (;;) {
        const info = await talk.getSession();
        const approval_id = field(info.json, 'pending_approvals', 0, 'approval_id');
        if (approval_id === undefined && field(info.json, 'status') === 'idle') break;
        if (approval_id === undefined) continue;
        const answer = await talk.submit({ type: 'approval', approval_id, decision: 'reject_once' });
        if (answer.status !== 409) expectAnswer(answer, { status: 200 });
      }
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
      expectAnswer(await talk.call('GET', '/patch'), { status: 409, code: 'NoPendingPatch' });
      expectAnswer(await talk.call('POST', '/apply_patch', {}), { status: 409, code: 'NoPendingPatch' });
      await expectFiles(talk, []);
    },
  },
];

async function checkPatch(talk: Conversation, paths: readonly string[]): Promise<string> {
  const patch = await talk.call('GET', '/patch');
  expectAnswer(patch, { status: 200 });
  expectFields(patch, { exact: true, applicable: true, conflicts: [] });
  const { files, diff, patch_id }: { files?: unknown; diff?: unknown; patch_id?: unknown } = Object(patch.json);
  const named = (Array.isArray(files) ? files : []).map(({ path }) => String(path)).sort();
  expectThat(named.join() === paths.join(), patch, { expected: `the files ${paths.join()}`, got: named.join() });
  for (const path of paths) {
    const shown = String(diff).includes(`+++ b/${path}`);
    expectThat(shown, patch, { expected: `a diff with ${path}`, got: show(diff) });
  }
  for (const { path, additions } of Array.isArray(files) ? files : []) {
    const lines = addedLines(String(diff), String(path)).length;
    expectThat(additions === lines, patch, { expected: `${lines} additions in ${path}`, got: show(additions) });
  }
  return String(patch_id);
}

async function checkApply(talk: Conversation, patch_id: string): Promise<void> {
  const shown = await talk.call('GET', '/patch');
  const key = randomUUID();
  const applied = await talk.call('POST', '/apply_patch', { patch_id }, key);
  expectAnswer(applied, { status: 200, source: APPLY });
  expectFields(applied, { status: 'applied', patch_id });
  const again = await talk.call('POST', '/apply_patch', { patch_id }, key);
  expectAnswer(again, { status: 200, to: 'with the key of an apply_patch that was answered' });
  expectFields(again, Object(applied.json));
  const other = await talk.call('POST', '/apply_patch', {}, key);
  expectAnswer(other, { status: 409, code: 'IdempotencyConflict' });
  const files = field(applied.json, 'files');
  for (const { path } of Array.isArray(files) ? files : []) {
    const content = await readFile(join(talk.cwd, String(path)), 'utf8');
    const expected = addedLines(String(field(shown.json, 'diff')), String(path));
    expectThat(content.trimEnd() === expected.join('\n').trimEnd(), applied, {
      expected: `${path} to be what the diff says`,
      got: show(content),
    });
  }
}

async function checkRevert(talk: Conversation, patch_id: string): Promise<void> {
  const another = await talk.call('POST', '/revert_patch', { patch_id: randomUUID() });
  expectAnswer(another, { status: 409, code: 'NothingToRevert' });
  const key = randomUUID();
  const reverted = await talk.call('POST', '/revert_patch', { patch_id }, key);
  expectAnswer(reverted, { status: 200, source: REVERT });
  expectFields(reverted, { status: 'reverted', patch_id });
  await talk.waitFor('patch_reverted', { patch_id });
  const again = await talk.call('POST', '/revert_patch', { patch_id }, key);
  expectAnswer(again, { status: 200, to: 'with the key of a revert_patch that was answered' });
  expectFields(again, Object(reverted.json));
  const twice = await talk.call('POST', '/revert_patch', { patch_id });
  expectAnswer(twice, { status: 409, code: 'NothingToRevert' });
}

async function expectFiles({ cwd }: Conversation, expected: readonly string[]): Promise<void> {
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length + 1))
    .sort();
  if (files.join() === [...expected].sort().join()) return;
  throw new BrokenRule({
    expected: `in ${cwd} ${expected.join(', ') || 'nothing'}`,
    got: files.join(', ') || 'nothing',
  });
}

/** The lines that a unified diff adds to a file. */
function addedLines(diff: string, path: string): string[] {
  const [, section = ''] = diff.split(`+++ b/${path}\n`);
  const lines = (section.split(/^diff --git /m)[0] ?? '').split('\n');
  return lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
}
