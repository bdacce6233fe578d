import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, last, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';
import { createMcpServers, type McpOptions } from './mcp-servers.js';

const SECRET = 'Bearer a-secret-of-this-session';

/** A host whose agent can do everything that ACP has, and whose operator offers this. */
async function open(mcp: McpOptions = {}, taking: Parameters<typeof scripted>[0] = 'able') {
  const opened = await openHost(undefined, (folder) => ({
    ...scripted(taking),
    mcpServers: createMcpServers(join(folder, 'mcp-servers'), mcp),
  }));
  const { cwd, say, until } = opened;
  const create = (request: Partial<Parameters<typeof opened.host.create>[1]>) =>
    opened.host.create(owner, { cwd, ...request });
  /** What the agent says of its conversation. */
  const told = async (id: string) => {
    const { answer } = await say(id, 'surroundings');
    const item = last(await until(id, endOf(answer.turn_id)), 'item_completed')?.item;
    return JSON.parse(item?.type === 'agent_message' && item.content[0]?.type === 'text' ? item.content[0].text : '');
  };
  const logged = async (id: string) =>
    JSON.stringify(await until(id, (event: Event) => event.type === 'session_created'));
  return Object.assign(opened, { create, told, logged });
}

const tickets = { name: 'tickets', command: '/bin/tickets', args: ['--stdio'], env: { TOKEN: 'x' } };
const search = {
  name: 'search',
  url: 'https://mcp.example.com/search',
  headers: [{ name: 'Authorization', value: SECRET }],
};

describe('the MCP servers of a session', () => {
  it('are the operator’s by name and its own by URL, and come again with a restarted agent', async () => {
    const { create, told, restart } = await open({ mcpServers: [tickets], mcpHosts: ['*.example.com'] });
    const state = await create({ mcp_servers: [{ name: 'tickets' }, search] });
    expect(state.mcp_servers).toEqual([
      { name: 'tickets', transport: 'stdio' },
      { name: 'search', transport: 'http', url: search.url },
    ]);
    const wanted = [
      { name: 'tickets', command: '/bin/tickets', args: ['--stdio'], env: [{ name: 'TOKEN', value: 'x' }] },
      { type: 'http', name: 'search', url: search.url, headers: [{ name: 'Authorization', value: SECRET }] },
    ];
    // What it says is without the secret.
    const shown = JSON.parse(JSON.stringify(wanted).replace(SECRET, '[redacted]'));
    const first = await told(state.session_id);
    await restart();
    expect([first.mcpServers, (await told(state.session_id)).mcpServers]).toEqual([shown, shown]);
  });

  it('have headers that no event shows and that are erased when the session is closed', async () => {
    const { create, logged, host, folder, told } = await open({ mcpHosts: ['mcp.example.com'] });
    const { session_id: id } = await create({ mcp_servers: [search] });
    await told(id);
    const kept = join(folder, 'mcp-servers', `${id}.json`);
    expect(await readFile(kept, 'utf8')).toContain(SECRET);
    expect(await logged(id)).not.toContain('a-secret-of');
    await host.close(owner, id, { purge: false });
    expect(existsSync(kept)).toBe(false);
  });

  itInAll('have headers that are erased with the sessions that a killed server was creating', async () => {
    const { create, folder, restart } = await open({ mcpHosts: ['mcp.example.com'] });
    const { session_id: id } = await create({ mcp_servers: [search] });
    const left = join(folder, 'mcp-servers', 'never-created.json');
    await writeFile(left, '{}');
    await restart();
    expect(await readdir(join(folder, 'mcp-servers'))).toEqual([`${id}.json`]);
  });

  it.each([
    [[{ name: 'none' }], '/body/mcp_servers/0/name', 'expected one of tickets, or a url'],
    [[{ name: 'a', url: 'https://evil.example/' }], '/body/mcp_servers/0/url', 'expected a host of mcp.example.com'],
    [[{ name: 'a', url: 'https://mcp.example.com.evil.example/' }], '/body/mcp_servers/0/url', 'expected a host'],
    [[{ name: 'a', url: 'https://u:p@mcp.example.com/' }], '/body/mcp_servers/0/url', 'expected no user'],
    [[search, search], '/body/mcp_servers/1/name', 'twice'],
    [[{ ...search, name: 'tickets' }], '/body/mcp_servers/0/name', 'the operator does not use'],
    [[{ name: 'tickets', headers: [] }], '/body/mcp_servers/0/headers', 'expected none without a url'],
  ])('are refused where they are not allowed: %j', async (mcp_servers, pointer, message) => {
    const { create, folder } = await open({ mcpServers: [tickets], mcpHosts: ['mcp.example.com'] });
    await expect(create({ mcp_servers })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer, message: expect.stringContaining(message) }],
    });
    expect(await readdir(join(folder, 'mcp-servers')).catch(() => [])).toEqual([]);
  });

  it('are refused by name where the agent cannot reach them, and nothing is left', async () => {
    const { create, folder } = await open({ mcpHosts: ['*'] }, 'resume');
    await expect(create({ mcp_servers: [search] })).rejects.toMatchObject({
      code: 'UnsupportedByAgent',
      details: [{ pointer: '/body/mcp_servers/0' }],
    });
    expect(await readdir(join(folder, 'mcp-servers'))).toEqual([]);
  });

  itInAll('that the operator no longer offers keep the agent from being started again', async () => {
    const { create, restart, say, until, folder } = await open({ mcpServers: [tickets] });
    const { session_id: id } = await create({ mcp_servers: [{ name: 'tickets' }] });
    await restart({ mcpServers: createMcpServers(join(folder, 'mcp-servers'), {}) });
    const { answer } = await say(id, 'surroundings');
    const end = last(await until(id, endOf(answer.turn_id)), 'turn_completed');
    expect(end).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('tickets') } });
  });
});

describe('additional directories', () => {
  itInAll('are resolved and given to the agent, and again after a restart', async () => {
    const { create, cwd, told, restart } = await open();
    await mkdir(join(cwd, 'other'));
    await symlink(join(cwd, 'other'), join(cwd, 'link'));
    const { session_id: id, additional_directories } = await create({ additional_directories: [join(cwd, 'link')] });
    expect(additional_directories).toEqual([join(cwd, 'other')]);
    const first = await told(id);
    await restart();
    for (const said of [first, await told(id)]) expect(said.additionalDirectories).toEqual([join(cwd, 'other')]);
  });

  it('are refused outside of the roots, in a copy, and by an agent that works in one', async () => {
    const { create, cwd, folder } = await open();
    const refused = { code: 'InvalidRequest', details: [{ pointer: '/body/additional_directories/0' }] };
    await expect(create({ additional_directories: [folder] })).rejects.toMatchObject(refused);
    await expect(create({ additional_directories: [cwd], workspace: 'isolated' })).rejects.toMatchObject(refused);
    const other = await open({}, 'resume');
    await expect(other.create({ additional_directories: [other.cwd] })).rejects.toMatchObject({
      code: 'UnsupportedByAgent',
      details: [{ pointer: '/body/additional_directories' }],
    });
  });
});

describe('what an agent can do', () => {
  it('is shown in its session', async () => {
    const { create } = await open();
    const able = ['images', 'resume', 'steer', 'additional_directories', 'mcp_http'];
    expect((await create({})).capabilities).toEqual(able);
    expect((await (await open({}, 'forget')).create({})).capabilities).toEqual([]);
  });
});

describe('the end of a session', () => {
  it('is told to an agent that wants to know, also in the middle of a turn; the end of a server is not', async () => {
    const opened = await open();
    const { create, cwd, say, until, restart } = opened;
    const { session_id: id } = await create({});
    await say(id, 'wait');
    await until(id, (event) => event.type === 'item_delta');
    await restart();
    expect(existsSync(join(cwd, 'closed'))).toBe(false);

    const { session_id: other } = await create({});
    await say(other, 'wait');
    await until(other, (event) => event.type === 'item_delta');
    await opened.host.close(owner, other, { purge: false });
    const conversation = last(await until(other, (event) => event.type === 'session_closed'), 'session_created');
    expect(await readFile(join(cwd, 'closed'), 'utf8')).toBe(conversation?.agent_session_id);
  });
});
