import { expect, test } from 'vitest';
import type { ModelScript } from './model/script.js';
import { git, wouldApply } from './repository.js';
import { startWorld } from './world.js';

const before = 'export function sort(values: number[]): number[] {\n  return values;\n}\n';
const after = 'export function sort(values: number[]): number[] {\n  return [...values].sort((a, b) => a - b);\n}\n';
const script: ModelScript = [
  { kind: 'read', say: ['Let me look.'], path: 'sort.ts' },
  { kind: 'edit', say: ['Now the edit.'], edit: { path: 'sort.ts', before, after } },
  { kind: 'say', deltas: ['sort() ', 'sorts now.'] },
];

test.concurrent.for(['codex', 'claude', 'gemini'] as const)(
  '%s works in a copy: its edit asks nobody, is pending when the turn ends, lands when it is applied and can be reverted',
  async (agent, context) => {
    await using world = await startWorld(context, agent, { script, files: { 'sort.ts': before } });
    const { client, cwd } = world;
    await using session = await client.sessions.create({ agent, cwd, workspace: 'isolated' });

    const turn = await session.submit('Please implement a sort function.');
    for await (const event of turn) {
      if (event.type === 'approval_resolved') expect(event.by, 'nobody is asked').toBe('policy');
    }
    expect(await turn.text()).toContain('sort() sorts now.');
    expect(await turn.completed()).toMatchObject({ status: 'completed' });
    expect(await world.readFile('sort.ts'), 'the agent wrote into its copy').toBe(before);
    expect(await git(cwd, 'status', '--porcelain')).toBe('');

    const patch = await session.patch();
    expect(patch).toMatchObject({ exact: true, applicable: true, conflicts: [] });
    expect(patch.files).toMatchObject([{ path: 'sort.ts', change: 'modified' }]);
    expect(await wouldApply(cwd, patch.diff, { undo: false })).toBe(true);

    const { patch_id } = await session.applyPatch(patch);
    expect(patch_id).toBe(patch.patch_id);
    expect(await world.readFile('sort.ts')).toBe(after);
    await session.revertPatch({ patch_id });
    expect(await world.readFile('sort.ts')).toBe(before);
    expect(await git(cwd, 'status', '--porcelain')).toBe('');
  },
);
