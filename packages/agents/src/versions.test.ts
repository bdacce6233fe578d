import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALL, itInAll } from '../../../scripts/test-forms.js';
import { fixture, message, open, said } from '../test/open-fixture.js';
import { numbered, openIn, twoVersions } from '../test/two-versions.js';
import { AgentError } from './agent-error.js';
import type { AgentEvent } from './agent-event.js';

type Opened = Awaited<ReturnType<typeof openIn>>;

const VERSIONS = [1, 2] as const;
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-versions-'));
  file = join(folder, 'heard');
});

afterEach(() => rm(folder, { recursive: true }));

const heard = async () => (await readFile(file, 'utf8')).trim().split('\n');

describe('an agent says the same in both versions', () => {
  const surroundings = {
    additionalDirectories: ['/other'],
    mcpServers: [
      { name: 'local', command: '/bin/mcp', args: ['-v'], env: { A: 'b' } },
      { name: 'far', url: 'https://mcp.example.com', transport: 'http' as const, headers: { X: 'y' } },
    ],
  };
  let agents: readonly Opened[] = [];

  beforeAll(async () => {
    agents = await Promise.all(
      VERSIONS.map((version) => {
        const definition = twoVersions(version, { usageCounts: 'turn' });
        return openIn(version, { ...surroundings, definition });
      }),
    );
  });

  afterAll(() => Promise.all(agents.map((agent) => agent.close())));

  /** What a turn gives in each version: its events, and how it ends. */
  async function inBoth(scenario: string) {
    const turns = agents.map(async (agent) => {
      agent.events.length = 0;
      const end = await agent.prompt(message(scenario)).catch((error: Error) => ({ error: error.message }));
      return { events: numbered(agent.events), end };
    });
    const [one, two] = await Promise.all(turns);
    return { one, two };
  }

  test.each([
    ['what it thinks and says', 'text', 'item_delta'],
    ['an edit that it asks for', 'edit', 'item_started'],
    ['a command and its output', 'command', 'item_delta'],
    ['the content of a tool call, piece by piece', 'grow', 'item_delta'],
    ['its plan', 'plan', 'plan_updated'],
    ['its usage, a title, a notice and its commands', 'tell', 'usage_updated'],
    ['a change of its mode', 'mode', 'session_updated'],
    ['a question', 'ask', 'item_delta'],
    ['a limit', 'limit', 'item_delta'],
    ['a failure', 'fail', 'item_delta'],
  ])('%s', async (_, scenario, type) => {
    const { one, two } = await inBoth(scenario);
    expect(one?.events).toContainEqual(expect.objectContaining({ type }));
    expect(two).toEqual(one);
  });

  itInAll('that it refuses', async () => {
    const { one, two } = await inBoth('refuse');
    expect(one?.end).toMatchObject({ status: 'refused' });
    expect(two).toEqual(one);
  });

  test('what it was given to work with', async () => {
    const { one, two } = await inBoth('surroundings');
    expect(JSON.parse(said(agents[0]?.events ?? []))).toMatchObject({
      additionalDirectories: ['/other'],
      mcpServers: [{}, {}],
    });
    expect(two).toEqual(one);
  });

  test('what it is and can do', () => {
    const [one, two] = agents.map(({ info: { pid: _pid, ...info } }) => info);
    const capabilities = ['images', 'resume', 'additional_directories', 'mcp_http', 'list_sessions', 'load_session'];
    expect(one).toMatchObject({ name: 'Two versions', capabilities });
    expect(two).toEqual(one);
  });
});

// Other tests have version 1 too.
describe.each(ALL ? VERSIONS : [2 as const])('in version %i', (version) => {
  test('it works, is interrupted, and works again', async () => {
    await using agent = await openIn(version, { definition: twoVersions(version, { usageCounts: 'turn' }) });
    const turn = agent.prompt(message('wait'));
    await agent.saw(({ type }) => type === 'item_delta');
    await agent.cancel();
    expect(await turn).toMatchObject({ stopReason: 'cancelled', status: 'interrupted' });
    for (const turnId of ['turn-2', 'turn-3']) {
      expect(await agent.prompt(message('text', turnId))).toMatchObject({
        ...{ status: 'completed', usage: { total_tokens: 12 } },
      });
    }
  });

  test('what it says of its own accord is in a turn of its own', async () => {
    await using agent = await openIn(version);
    await agent.prompt(message('own'));
    const isOwn = (event: AgentEvent) => event.type === 'item_delta' && event.turn_id === 'own';
    await agent.saw(isOwn);
    expect(said(agent.events.filter(isOwn))).toBe('of its own accord');
    await agent.endTurn(false);
    expect(await agent.prompt(message('text', 'turn-2'))).toMatchObject({ status: 'completed' });
  });

  test('a conversation is taken up again', async () => {
    await using agent = await openIn(version, { resume: 's', definition: twoVersions(version, { file }) });
    expect(agent.info).toMatchObject({ resumed: true, acpSessionId: 's' });
    expect(await agent.prompt(message('text'))).toMatchObject({ status: 'completed' });
    expect(await heard()).toContain('resume s');
  });

  itInAll('another one is begun where the agent has forgotten it', async () => {
    await using agent = await openIn(version, { resume: 'forgotten', definition: twoVersions(version, { file }) });
    expect(agent.info).toMatchObject({ resumed: false, acpSessionId: 's' });
    expect(await heard()).toContain('resume forgotten');
  });

  test('it is logged in where it wants that, and is told that its conversation is over', async () => {
    const definition = twoVersions(version, { speaks: '1,2,login', file, env: { FIXTURE_API_KEY: 'x' } });
    const agent = await openIn(version, { definition });
    await agent.close(true);
    expect((await heard()).slice(1)).toEqual(['login key', 'close s']);
  });

  test('its options and its mode are set', async () => {
    await using agent = await openIn(version, { settings: { model: 'big' } });
    const values = () => agent.info.configOptions.map(({ value }) => value);
    expect(values()).toEqual(['big', 'ask', false]);
    await agent.configure('fast', true);
    await agent.configure('mode', 'plan');
    expect(agent.info.modes?.current).toBe('plan');
    // In version 1 this agent does not say that its option has changed with its mode.
    expect(values()).toEqual(['big', version === 1 ? 'ask' : 'plan', true]);
    await expect(agent.configure('fast', 'yes')).rejects.toThrow('Expected true or false');
  });
});

describe('the version', () => {
  const inWords1 = 'initialize 1 _meta,auth,elicitation,fs,session,terminal';

  test.each([
    [1, '1,2', inWords1],
    [2, '1,2', 'initialize 2 _meta,elicitation'],
    [2, '1', inWords1],
  ] as const)('of an agent that is offered %i and speaks %s', async (offered, speaks, first) => {
    await using agent = await open(twoVersions(offered, { speaks, file }));
    expect(await agent.prompt(message('text'))).toMatchObject({ status: 'completed' });
    expect(await heard()).toEqual([first]);
  });

  test('is 1 where an agent refuses to hear of another', async () => {
    await using agent = await open({ ...fixture('refuses-versions'), acpVersion: 2 });
    expect(await agent.prompt(message('x'))).toMatchObject({ status: 'completed' });
  });

  itInAll('is 1 where the agent is recorded', async () => {
    const recording = [
      process.execPath,
      '-e',
      'require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: "inherit" })',
    ];
    await using agent = await open(twoVersions(2, { file, recorder: recording }));
    await agent.prompt(message('text'));
    expect(await heard()).toEqual([inWords1]);
  });

  test.each([
    [1, '2', 'it speaks 2, not 1'],
    [2, '', 'it speaks'],
  ] as const)('is none if %i is offered to an agent that speaks "%s"', async (offered, speaks, reason) => {
    const error = await open(twoVersions(offered, { speaks })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AgentError);
    expect((error as Error).message).toContain(reason);
  });

  test('of an agent that answers with one that was not offered is none', async () => {
    await expect(open({ ...fixture('other-version', '3'), acpVersion: 2 })).rejects.toThrow(
      'speaks version 3 of ACP, not 1 or 2',
    );
  });
});

test('secrets are taken out of what a terminal shows in version 2', async () => {
  await using agent = await openIn(2, { secrets: ['Élysée'] });
  await agent.prompt(message('command'));
  expect(JSON.stringify(agent.events)).toContain('[redacted]');
  expect(JSON.stringify(agent.events)).not.toContain('Élysée');
});

itInAll('what a sub-agent of version 2 says and does is a part of its tool call', async () => {
  await using agent = await openIn(2);
  await agent.prompt(message('delegate'));
  const items = agent.events.flatMap((event) => (event.type === 'item_completed' ? event.item : []));
  const call = items.find((item) => item.type === 'tool_call' && item.title === 'Reader');
  const of = { parent_item_id: call?.item_id };
  expect(items).toMatchObject([
    { type: 'agent_message', content: [{ text: 'I read' }], ...of },
    { type: 'tool_call', title: 'Read', status: 'completed', ...of },
    { type: 'tool_call', title: 'Reader', status: 'completed' },
  ]);
});

test('an agent of version 2 gets no MCP servers of a kind that it does not take', async () => {
  const definition = twoVersions(2, { speaks: '2,no-stdio' });
  const mcpServers = [{ name: 'local', command: '/bin/mcp' }];
  await expect(openIn(2, { definition, mcpServers })).rejects.toThrow('takes no MCP servers over stdio');
});
