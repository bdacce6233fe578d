import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { itInAll } from '../../../scripts/test-forms.js';
import { cwd, env, makeFolderInEachTest, openDemo, TURN } from '../test/open-demo.js';
import { message, recorder } from '../test/open-fixture.js';
import type { OpenAgentOptions } from './agent.js';
import { demo } from './catalog/presets.js';
import { listSessions } from './list-sessions.js';

makeFolderInEachTest();

/** The demo agent, with its sessions in the folder of the test. */
const own = () => ({ ...env, PARLEY_DEMO_SESSIONS: join(cwd, 'kept') });
const open = (options: Partial<OpenAgentOptions> = {}) => openDemo(recorder().handler, { env: own(), ...options });
const list = (more: Partial<Parameters<typeof listSessions>[0]> = {}) =>
  listSessions({ definition: demo, cwd, env: own(), ...more });

/** A conversation of the demo agent that has ended, by its id. */
async function talk(prompt = '/plan'): Promise<string> {
  await using agent = await open();
  await agent.prompt(message(prompt, TURN));
  return agent.info.acpSessionId;
}

describe('the sessions that an agent keeps', () => {
  test('are listed by a process that has ended then', async () => {
    expect(await list()).toEqual({ sessions: [], nextCursor: undefined });
    const id = await talk();
    const registryDir = join(cwd, 'agents');
    const { sessions } = await list({ registryDir });
    expect(sessions).toEqual([{ sessionId: id, cwd, title: '/plan', updatedAt: expect.any(Number) }]);
    expect(await readdir(registryDir)).toEqual([]);
  });

  test('are listed by a process that is ended if it does not end by itself', async () => {
    const initialized = { protocolVersion: 1, agentCapabilities: { sessionCapabilities: { list: {} } } };
    const script = `
      const answers = [${JSON.stringify(initialized)}, { sessions: [] }];
      setInterval(() => undefined, 1000);
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id } = JSON.parse(line);
        console.log(JSON.stringify({ jsonrpc: '2.0', id, result: answers[id] }));
      });`;
    const registryDir = join(cwd, 'agents');
    await list({ definition: { ...demo, args: ['-e', script] }, registryDir });
    expect(await readdir(registryDir)).toEqual([]);
  });

  test('are an error where the agent does not tell, or does not answer in time', async () => {
    const silent = { ...demo, args: ['-e', 'setInterval(() => undefined, 1000)'] };
    await expect(list({ definition: silent, startTimeoutMs: 300 })).rejects.toMatchObject({ kind: 'start' });
    const answer = '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":1,"agentCapabilities":{}}}';
    const mute = { ...demo, args: ['-e', `process.stdin.once('data', () => console.log('${answer}'))`] };
    await expect(list({ definition: mute })).rejects.toMatchObject({ name: 'AgentUnsupportedError' });
  });

  test('are taken up with what was said in them, and go on', async () => {
    const sessionId = await talk();
    await using agent = await open({ takeUp: { by: 'load', sessionId } });
    expect(agent.info).toMatchObject({ acpSessionId: sessionId, resumed: true });
    expect(agent.history).toMatchObject({ title: '/plan', isCut: false, turns: [{}] });
    const told = JSON.stringify(agent.history);
    expect(told).toContain('"type":"user_message"');
    expect(told).toContain('"type":"plan_updated"');
    expect((await agent.prompt(message('/refuse', TURN))).status).toBe('refused');
  });

  itInAll('are refused by name if the agent does not know them', async () => {
    const takeUp = { by: 'load', sessionId: '550e8400-e29b-41d4-a716-446655440000' } as const;
    await expect(open({ takeUp })).rejects.toMatchObject({ setting: 'resume_agent_session' });
  });

  test('are forked: both go on by themselves', async () => {
    const sessionId = await talk();
    await using fork = await open({ takeUp: { by: 'fork', sessionId } });
    expect(fork.info.acpSessionId).not.toBe(sessionId);
    expect(fork.history).toBeUndefined();
    await fork.prompt(message('/refuse', TURN));
    const loaded = async (id: string) => {
      await using agent = await open({ takeUp: { by: 'load', sessionId: id } });
      return agent.history?.turns.length;
    };
    expect([await loaded(sessionId), await loaded(fork.info.acpSessionId)]).toEqual([1, 2]);
  });

  itInAll('that are not there are forked as new ones only if that is wanted', async () => {
    const sessionId = '550e8400-e29b-41d4-a716-446655440000';
    await expect(open({ takeUp: { by: 'fork', sessionId } })).rejects.toMatchObject({ kind: 'start' });
    await using agent = await open({ takeUp: { by: 'fork', sessionId, orNew: true } });
    expect(agent.info.acpSessionId).not.toBe(sessionId);
  });
});
