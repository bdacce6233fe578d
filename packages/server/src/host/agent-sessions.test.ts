import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createAgentCatalog } from '@parleyhq/agents';
import type { CreateSessionRequest } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, openHost, owner, type TestHostOptions } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';
import type { Caller } from './session-host.js';

const other: Caller = { account: 'other' };
const page = { limit: 50 };

/** A host whose demo agent keeps its sessions in the folder of the test. */
async function open(options: TestHostOptions = {}) {
  const opened = await openHost(undefined, (folder) => ({
    env: { ...process.env, PARLEY_DEMO_PACE: '0', PARLEY_DEMO_SESSIONS: join(folder, 'kept') },
    ...options,
  }));
  const { cwd, host, until } = opened;
  /** A conversation of an account that has ended, by the agent's id; the session that had it is closed. */
  const talk = async (caller: Caller = owner, request: Partial<CreateSessionRequest> = {}) => {
    const { session_id } = await host.create(caller, { cwd, ...request });
    const said = await host.submit(caller, session_id, { type: 'user_message', content: '/plan' });
    const feed = host.feed(caller, session_id);
    await new Promise<void>((resolve) => {
      const stop = feed.watch(look);
      function look(): void {
        const { status, queued_turns } = host.get(caller, session_id);
        if (status !== 'idle' || queued_turns.length > 0) return;
        stop();
        resolve();
      }
      look();
    });
    const { sessions } = await host.agentSessions(caller, 'demo', { cwd: request.cwd ?? cwd, ...page });
    const id = sessions.find((one) => one.session_id === session_id)?.agent_session_id ?? '';
    await host.close(caller, session_id, { purge: false });
    return { id, session_id, turn_id: said.answer.turn_id };
  };
  const takeUp = (id: string, request: Partial<CreateSessionRequest> = {}, caller: Caller = owner) =>
    host.create(caller, { cwd, resume_agent_session: id, ...request });
  return Object.assign(opened, { talk, takeUp, until });
}

const refused = {
  code: 'InvalidRequest',
  details: [{ pointer: '/body/resume_agent_session', message: expect.any(String) }],
};

describe("a session of the agent's own", () => {
  it('is listed, taken up with its turns as imported, and goes on', async () => {
    const { host, talk, takeUp, until, say, cwd } = await open();
    const { id } = await talk();
    const listed = await host.agentSessions(owner, 'demo', { cwd, ...page });
    expect(listed).toEqual({
      sessions: [{ agent_session_id: id, cwd, title: '/plan', updated_at: expect.any(Number) }],
      next_cursor: null,
    });
    const state = await takeUp(id, { budget: { turns: 1 } });
    expect(state).toMatchObject({ status: 'idle', title: '/plan', pending_approvals: [], patch: null });
    const events = await until(state.session_id, ({ type }) => type === 'turn_completed');
    const [started] = events.filter(({ type }) => type === 'turn_started');
    expect(started).toMatchObject({ origin: 'imported' });
    expect(events.at(-1)).toMatchObject({ type: 'turn_completed', origin: 'imported', cause: 'imported' });
    const items = events.flatMap((event) => (event.type === 'item_completed' ? event.item : []));
    expect(items.map(({ type }) => type)).toContain('user_message');
    expect(items.every(({ imported }) => imported === true)).toBe(true);
    // The imported turn has cost nothing.
    const { answer } = await say(state.session_id, '/refuse');
    const more = await until(state.session_id, endOf(answer.turn_id));
    expect(more.at(-1)).toMatchObject({ status: 'refused' });
    expect(more.some((event) => event.type === 'turn_started' && event.turn_id === answer.turn_id)).toBe(true);
  });

  itInAll('keeps the title that was asked for, and comes again after a restart without another import', async () => {
    const opened = await open();
    const { id } = await opened.talk();
    const { session_id } = await opened.takeUp(id, { title: 'Mine' });
    const before = opened.host.get(owner, session_id).latest_event_id;
    await opened.restart();
    const { answer } = await opened.say(session_id, '/refuse');
    const events = await opened.until(session_id, endOf(answer.turn_id));
    const later = events.slice(before).filter(({ type }) => type === 'turn_started');
    expect(later).toHaveLength(1);
    expect(opened.host.get(owner, session_id).title).toBe('Mine');
  });

  itInAll('is cut where it is long, and says so', async () => {
    const { talk, takeUp, until } = await open({ limits: { maxImportedEvents: 4 } });
    const { session_id } = await takeUp((await talk()).id);
    const events = await until(session_id, ({ type }) => type === 'turn_completed');
    expect(events).toContainEqual(expect.objectContaining({ type: 'notice', code: 'history_cut' }));
    expect(events.filter((event) => 'turn_id' in event && event.type.startsWith('item_')).length).toBeLessThanOrEqual(
      4,
    );
  });

  it('is in one open session at a time', async () => {
    const { host, talk, takeUp, cwd } = await open();
    const { id } = await talk();
    const both = await Promise.allSettled([takeUp(id), takeUp(id)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'AgentSessionInUse' } });
    await expect(takeUp(id)).rejects.toMatchObject({ code: 'AgentSessionInUse' });
    const [listed] = (await host.agentSessions(owner, 'demo', { cwd, ...page })).sessions;
    await host.close(owner, listed?.session_id ?? '', { purge: false });
    await expect(takeUp(id)).resolves.toMatchObject({ status: 'idle' });
  });

  it('belongs to the account whose session had it', async () => {
    const { host, talk, takeUp, cwd } = await open();
    const [mine, others] = [await talk(owner), await talk(other)];
    const ids = async (caller: Caller) =>
      (await host.agentSessions(caller, 'demo', { cwd, ...page })).sessions.map((one) => one.agent_session_id);
    expect([await ids(owner), await ids(other)]).toEqual([[mine.id], [others.id]]);
    await expect(takeUp(others.id)).rejects.toMatchObject(refused);
    await expect(takeUp(mine.id, {}, other)).rejects.toMatchObject(refused);
    await expect(takeUp(others.id, {}, other)).resolves.toMatchObject({ status: 'idle' });
  });

  it('that was begun elsewhere is for the owner alone', async () => {
    const { host, talk, takeUp, cwd } = await open();
    const { id, session_id } = await talk();
    await host.close(owner, session_id, { purge: true }); // now nothing here knows of it
    expect((await host.agentSessions(other, 'demo', { cwd, ...page })).sessions).toEqual([]);
    await expect(takeUp(id, {}, other)).rejects.toMatchObject(refused);
    await expect(takeUp(id)).resolves.toMatchObject({ status: 'idle' });
  });

  it('is of one directory, which is inside of the roots', async () => {
    const { host, talk, takeUp, cwd, folder } = await open();
    await mkdir(join(cwd, 'inside'));
    const { id, session_id } = await talk(owner, { cwd: join(cwd, 'inside') });
    expect((await host.agentSessions(owner, 'demo', { cwd, ...page })).sessions).toEqual([]);
    await host.close(owner, session_id, { purge: true });
    await expect(takeUp(id)).rejects.toMatchObject(refused);
    await expect(takeUp(id, { cwd: join(cwd, 'inside'), workspace: 'isolated' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/body/workspace' }],
    });
    await expect(takeUp(id, { cwd: join(cwd, 'inside') })).resolves.toMatchObject({ status: 'idle' });
    await expect(host.agentSessions(owner, 'demo', { cwd: folder, ...page })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/query/cwd' }],
    });
  });

  itInAll('is of its directory, also where the agent lists all others with it', async () => {
    const script = `
      const can = { loadSession: true, sessionCapabilities: { list: {} } };
      const sessions = [{ sessionId: 'elsewhere', cwd: '/' }, { sessionId: 'here', cwd: process.cwd() }];
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line);
        const result = method === 'initialize' ? { protocolVersion: 1, agentCapabilities: can } : { sessions };
        console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });`;
    const agents = createAgentCatalog({ agents: [{ name: 'loose', command: process.execPath, args: ['-e', script] }] });
    const { host, cwd } = await openHost(undefined, { agents, defaultAgent: 'loose' });
    const { sessions } = await host.agentSessions(owner, 'loose', { cwd, ...page });
    expect(sessions.map((one) => one.agent_session_id)).toEqual(['here']);
    await expect(host.create(owner, { cwd, resume_agent_session: 'elsewhere' })).rejects.toMatchObject(refused);
    await expect(host.create(owner, { cwd, resume_agent_session: 'here' })).resolves.toMatchObject({ status: 'idle' });
  });

  itInAll('comes in also where the agent tells of it after its answer', async () => {
    const { host, cwd, say, until } = await openHost(undefined, scripted('load-late'));
    const { session_id } = await host.create(owner, { cwd });
    const { answer } = await say(session_id, 'say hello');
    const [created] = await until(session_id, endOf(answer.turn_id));
    const id = created?.type === 'session_created' ? created.agent_session_id : undefined;
    await host.close(owner, session_id, { purge: false });
    const state = await host.create(owner, { cwd, resume_agent_session: id ?? '' });
    const events = await until(state.session_id, ({ type }) => type === 'session_created');
    expect(events.some((event) => event.type === 'turn_started' && event.origin === 'imported')).toBe(true);
  });

  it('is refused where the agent cannot tell or take it up', async () => {
    const { host, cwd } = await openHost(undefined, scripted());
    const unsupported = { code: 'UnsupportedByAgent' };
    await expect(host.agentSessions(owner, 'scripted', { cwd, ...page })).rejects.toMatchObject(unsupported);
    await expect(host.create(owner, { cwd, resume_agent_session: 'mine' })).rejects.toMatchObject({
      ...unsupported,
      details: [{ pointer: '/body/resume_agent_session' }],
    });
    await expect(host.agentSessions(owner, 'nobody', { cwd, ...page })).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('the list of them', () => {
  it('comes in pages, whatever pages the agent has', async () => {
    const { host, talk, cwd } = await open();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await talk()).id);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const list = await host.agentSessions(owner, 'demo', { cwd, limit: 2, cursor });
      expect(list.sessions.length).toBeLessThanOrEqual(2);
      found.push(...list.sessions.map((one) => one.agent_session_id));
      cursor = list.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(ids);
    await expect(host.agentSessions(owner, 'demo', { cwd, ...page, cursor: 'x' })).rejects.toMatchObject({
      details: [{ pointer: '/query/cursor' }],
    });
  });

  it('is read once for all who ask, by a process that ends and counts as a session', async () => {
    let starts = 0;
    const agents = createAgentCatalog();
    const definition = agents.get('demo');
    if (definition === undefined) throw new Error('there is no demo agent');
    const counted = {
      ...definition,
      launch: (...given: Parameters<typeof definition.launch>) => {
        starts += 1;
        return definition.launch(...given);
      },
    };
    const { host, cwd, folder } = await open({
      agents: { ...agents, get: (name) => (name === 'demo' ? counted : agents.get(name)) },
      limits: { maxSessions: 5 },
    });
    const asked = Array.from({ length: 6 }, () => host.agentSessions(owner, 'demo', { cwd, ...page }));
    const results = await Promise.allSettled(asked);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(results.at(-1)).toMatchObject({ reason: { code: 'TooManySessions' } });
    expect(starts).toBeLessThanOrEqual(2);
    expect(await readdir(join(folder, 'agents'))).toEqual([]);
  });
});
