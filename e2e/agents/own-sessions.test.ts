import type { SessionEvent } from '@parleyhq/client';
import { expect, test } from 'vitest';
import type { ModelScript } from './model/script.js';
import { startWorld } from './world.js';

const before = 'export const greeting = "hello";\n';
const after = 'export const greeting = "good day";\n';
const asked = { first: 'Say it politely.', second: 'What have we done?', third: 'And in the fork?' };
const script: ModelScript = {
  [asked.first]: [
    { kind: 'read', say: ['Let me look.'], path: 'greeting.ts' },
    { kind: 'edit', edit: { path: 'greeting.ts', before, after } },
    { kind: 'say', deltas: ['It is', ' polite.'] },
  ],
  [asked.second]: [{ kind: 'say', deltas: ['We were', ' polite.'] }],
  [asked.third]: [{ kind: 'say', deltas: ['Still', ' polite.'] }],
};

test.concurrent.for(['codex', 'claude', 'opencode', 'qwen'] as const)(
  '%s lists the sessions that it keeps; one is taken up with what was said, and forked where the agent can',
  async (agent, context) => {
    await using world = await startWorld(context, agent, { script, files: { 'greeting.ts': before } });
    const { sessions } = world.client;
    const created = await sessions.create({ agent, cwd: world.cwd });
    const turn = await created.submit(asked.first);
    for await (const event of turn) if (event.type === 'approval_requested') await created.approve(event.approval);
    expect(await turn.completed()).toMatchObject({ status: 'completed' });
    // opencode has written it down, in a database.
    if (agent !== 'opencode') await world.remembered(asked.first);
    await created.close();

    const kept = await sessions.ofAgent(agent, { cwd: world.cwd });
    expect(kept.sessions).toMatchObject([{ cwd: world.cwd }]);
    const [{ agent_session_id = '' } = {}] = kept.sessions;

    const resumed = await sessions.create({ agent, cwd: world.cwd, resume_agent_session: agent_session_id });
    const events: SessionEvent[] = [];
    for await (const event of resumed.history()) events.push(event);
    const items = events.flatMap((event) => (event.type === 'item_completed' ? [event.item] : []));
    expect(items.every(({ imported }) => imported)).toBe(true);
    const texts = items.map((item) => ('content' in item ? JSON.stringify(item.content) : ''));
    expect(items[0]).toMatchObject({ type: 'user_message' });
    expect(texts[0]).toContain(asked.first);
    expect(texts.at(-1)).toContain('It is polite.');
    expect(events.filter(({ type }) => type === 'approval_requested' || type === 'patch_updated')).toEqual([]);
    expect(await world.readFile('greeting.ts')).toBe(after);

    expect(await (await resumed.submit(asked.second)).text()).toBe('We were polite.');
    expect(world.model.requests.at(-1)?.said.map(({ text }) => text)).toContain(asked.first);

    if (!resumed.info.capabilities?.includes('fork')) return;
    await using fork = await resumed.fork();
    expect(fork.info.forked_from?.session_id).toBe(resumed.id);
    expect(await (await fork.submit(asked.third)).text()).toBe('Still polite.');
    const told = world.model.requests.at(-1)?.said.map(({ text }) => text) ?? [];
    expect(told).toEqual(expect.arrayContaining([asked.first, asked.second, asked.third]));
    await resumed.close();
  },
);
