import { expect, test } from 'vitest';
import type { AgentName } from './agents-under-test.js';
import { runMainJob } from './main-job.js';
import type { ModelScript } from './model/script.js';
import { git, wouldApply } from './repository.js';
import { processesIn, startWorld } from './world.js';

const before = 'export function sort(values: number[]): number[] {\n  return values;\n}\n';
const after = 'export function sort(values: number[]): number[] {\n  return [...values].sort((a, b) => a - b);\n}\n';
const script: ModelScript = [
  { kind: 'read', say: ['Let me ', 'look.'], path: 'sort.ts' },
  { kind: 'edit', say: ['Now the edit.'], edit: { path: 'sort.ts', before, after } },
  { kind: 'say', deltas: ['Done: ', 'sort() ', 'sorts now.'] },
];
const start = { script, files: { 'sort.ts': before } };
const real = ['codex', 'claude', 'gemini', 'qwen'] as const satisfies AgentName[];

const landmarks = [
  'approval_requested',
  'patch_updated',
  'approval_resolved',
  'patch_updated',
  'patch_applied',
  'turn_completed',
];

test.concurrent.for(['demo', ...real, 'opencode'] as const)(
  'the application does its job with %s behind the server',
  async (agent, context) => {
    await using world = await startWorld(context, agent, start);
    const { client, cwd, parley } = world;

    const job = await runMainJob(client, {
      agent,
      cwd,
      async consent(diff) {
        expect(await git(cwd, 'status', '--porcelain'), 'nothing is written before the consent').toBe('');
        expect(await wouldApply(cwd, diff, { undo: false }), 'the patch fits the files').toBe(true);
      },
    });

    expect(job.changed).toEqual(['sort.ts']);
    expect(await wouldApply(cwd, job.diff, { undo: true }), 'the files hold what the patch said').toBe(true);
    if (agent === 'demo') expect(job.answer).toContain('sort.ts');
    else expect(job.answer).toBe('Let me look.\n\nNow the edit.\n\nDone: sort() sorts now.');
    expect(job.events.map(({ type }) => type).filter((type) => landmarks.includes(type))).toEqual(landmarks);
    // opencode counts the last call of its model alone.
    const calls = agent === 'opencode' ? 1 : 3;
    const usage = agent === 'demo' ? {} : { usage: { input_tokens: 100 * calls, output_tokens: 20 * calls } };
    expect(job.events.at(-1)).toMatchObject({
      type: 'turn_completed',
      status: 'completed',
      cause: 'end_turn',
      ...usage,
    });
    expect(job.events.filter(({ type }) => type === 'unknown')).toEqual([]);
    for await (const { info, history } of client.sessions.list()) {
      expect(info).toMatchObject({ status: 'closed', last_error: null, pending_approvals: [], patch: null });
      for await (const event of history()) if (event.type === 'patch_applied') expect(event.failed).toEqual([]);
    }
    expect(await processesIn(cwd), 'a closed session leaves no process behind').toEqual([]);
    expect(await parley.close(), 'the server drains').toBe(0);
  },
);

test.concurrent.for(real)(
  '%s writes nothing when the user says no, and takes the next message',
  async (agent, context) => {
    await using world = await startWorld(context, agent, start);
    await using session = await world.client.sessions.create({ agent, cwd: world.cwd });

    const refused = await session.submit('Please implement a sort function.');
    for await (const event of refused) {
      if (event.type === 'approval_requested') await session.approve(event.approval, 'reject_once');
    }
    expect(await world.readFile('sort.ts')).toBe(before);

    const allowed = await session.submit('Do it all the same.');
    for await (const event of allowed) {
      if (event.type === 'approval_requested') await session.approve(event.approval);
    }
    expect(await allowed.text()).toContain('sort() sorts now.');
    expect(await world.readFile('sort.ts')).toBe(after);
  },
);

test.concurrent.for(real)(
  '%s is interrupted while it waits for the user, and takes the next message',
  async (agent, context) => {
    await using world = await startWorld(context, agent, start);
    await using session = await world.client.sessions.create({ agent, cwd: world.cwd });

    const interrupted = await session.submit('Please implement a sort function.');
    for await (const event of interrupted) {
      if (event.type === 'approval_requested') await session.interrupt();
    }
    expect(await interrupted.completed()).toMatchObject({ status: 'interrupted', cause: 'interrupted' });
    expect(await world.readFile('sort.ts')).toBe(before);

    const again = await session.submit('Go on.');
    for await (const event of again) {
      if (event.type === 'patch_updated' && event.patch) await session.applyPatch();
    }
    expect(await again.text()).toContain('sort() sorts now.');
    expect(await world.readFile('sort.ts')).toBe(after);
  },
);

test.concurrent.for(real)('a model that refuses fails the turn of %s, in its own words', async (agent, context) => {
  const refusal: ModelScript = [{ kind: 'fail', status: 400, message: 'The script says no.' }];
  await using world = await startWorld(context, agent, { ...start, script: refusal });
  await using session = await world.client.sessions.create({ agent, cwd: world.cwd });

  const turn = await session.submit('Please implement a sort function.');
  const end = await turn.completed();
  expect(end).toMatchObject({ status: 'failed', cause: 'agent_error' });
  expect(end.error?.message).toContain('The script says no.');
  expect(await session.refresh()).toMatchObject({ status: 'idle', turn_id: null });
});

const wished = {
  codex: { model: 'gpt-5.5', web_search: true, config_profile: 'thorough' },
  claude: { model: 'haiku', web_search: true },
  gemini: { model: 'gemini-2.5-pro' },
  qwen: { model: 'scripted-large' },
};

test.concurrent.for(real)('%s gets the settings of a session through to its model', async (agent, context) => {
  await using world = await startWorld(context, agent, { ...start, script: [{ kind: 'say', deltas: ['Hello.'] }] });
  const { client, cwd, model } = world;
  const hello = async (settings: object) => {
    await using session = await client.sessions.create({ agent, cwd, ...settings });
    expect(await (await session.submit('Hello!')).text()).toBe('Hello.');
    const { tools = [], ...request } = model.requests.at(-1) ?? {};
    return { ...request, searches: tools.filter((tool) => /^web_?search$/i.test(tool)) };
  };
  const set = await hello(wished[agent]);
  expect(set.model).toContain(wished[agent].model);
  if (!('web_search' in wished[agent])) return;
  const plain = await hello({});
  expect([plain.searches.length, set.searches.length]).toEqual([0, 1]);
  if (agent === 'codex') expect([plain.effort, set.effort]).toEqual(['medium', 'high']);
});
