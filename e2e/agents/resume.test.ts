import type { Session, Turn } from '@parleyhq/client';
import { expect, test } from 'vitest';
import { backdateConversations } from './agents-under-test.js';
import type { ModelScript } from './model/script.js';
import { processesIn, startWorld } from './world.js';

const before = 'export function sort(values: number[]): number[] {\n  return values;\n}\n';
const after = 'export function sort(values: number[]): number[] {\n  return [...values].sort((a, b) => a - b);\n}\n';
const asked = { first: 'Please implement a sort function.', second: 'Sort downwards.', third: 'What have we done?' };
const script: ModelScript = {
  [asked.first]: [
    { kind: 'read', say: ['Let me look.'], path: 'sort.ts' },
    { kind: 'edit', edit: { path: 'sort.ts', before, after } },
    { kind: 'say', deltas: ['It sorts', ' now.'] },
  ],
  [asked.second]: [{ kind: 'edit', edit: { path: 'sort.ts', before: after, after: before } }],
  [asked.third]: [{ kind: 'say', deltas: ['We wrote', ' sort().'] }],
};

/** `kill -9`, unless the process has ended with its parent. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

test.concurrent.for(['codex', 'claude', 'gemini', 'qwen'] as const)(
  '%s goes on after an interrupt, after its death and after that of the server, and knows what was said',
  async (agent, context) => {
    await using world = await startWorld(context, agent, { script, files: { 'sort.ts': before } });
    const created = await world.client.sessions.create({ agent, cwd: world.cwd });

    const first = await created.submit(asked.first);
    for await (const event of first) if (event.type === 'approval_requested') await created.approve(event.approval);
    expect(await first.completed()).toMatchObject({ status: 'completed' });
    expect(await world.readFile('sort.ts')).toBe(after);

    const second = await created.submit(asked.second);
    for await (const event of second)
      if (event.type === 'approval_requested') await created.interrupt({ turn: second });
    expect(await second.completed()).toMatchObject({ status: 'interrupted', cause: 'interrupted' });
    expect(await world.readFile('sort.ts')).toBe(after);

    // An agent writes its memory down when it likes.
    await world.remembered(asked.second);
    const killed = await processesIn(world.cwd);
    expect(killed.length).toBeGreaterThan(0);
    for (const pid of killed) killIfThere(Number(pid));
    await world.parley.said('the agent has ended');
    await backdateConversations(world.home);
    await expectMemory(created, await created.submit(asked.third));

    await world.restartServer();
    const again = await world.client.sessions.get(created.id);
    await expectMemory(again, await again.submit(asked.third));

    /** The model is told the whole conversation, and the log holds nothing of it twice. */
    async function expectMemory(session: Session, turn: Turn) {
      expect(await turn.text()).toBe('We wrote sort().');
      const told = world.model.requests.at(-1)?.said.map(({ role, text }) => `${role}: ${text}`) ?? [];
      expect(told.slice(0, 3)).toEqual([`user: ${asked.first}`, 'assistant: Let me look.', 'assistant: It sorts now.']);
      expect(told).toContain(`user: ${asked.second}`);
      expect(told.at(-1)).toBe(`user: ${asked.third}`);
      const events = [];
      for await (const event of turn) events.push(event);
      expect(events.filter(({ type }) => type === 'notice')).toEqual([]);
      const messages = events.filter((event) => event.type === 'item_completed');
      expect(messages.map(({ item }) => item.type)).toEqual(['agent_message']);
      expect(await session.refresh()).toMatchObject({ status: 'idle', last_error: null });
    }
  },
);
