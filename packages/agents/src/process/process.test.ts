import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';

import { listProcesses } from './list-processes.js';
import { type AgentProcess, startProcess } from './process.js';
import { reapAgents } from './registry.js';
import { processStartTime } from './start-time.js';

const AGENT = fileURLToPath(new URL('../../test/fixtures/agent.mjs', import.meta.url));
const OWNER = fileURLToPath(new URL('../../test/fixtures/owner.mjs', import.meta.url));

let registryDir: string;
beforeEach(async () => {
  registryDir = await mkdtemp(join(tmpdir(), 'parley-registry-'));
});
afterEach(() => rm(registryDir, { recursive: true }));

const start = (...args: string[]) =>
  startProcess({
    command: process.execPath,
    args: [AGENT, ...args],
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '' },
    closeGraceMs: 200,
    registryDir,
  });

/** The pid that a fixture's child tells on stderr. */
async function childOf(agent: AgentProcess): Promise<number> {
  for (;;) {
    const told = /child (\d+)/.exec(agent.stderrTail());
    if (told) return Number(told[1]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A port that nobody listens at now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('closing an agent', () => {
  test('ends with SIGTERM and takes it out of the registry', async () => {
    const agent = await start('plain');
    expect(await readdir(registryDir)).toHaveLength(1);
    await agent.close();
    expect(await agent.exited).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    expect(await readdir(registryDir)).toEqual([]);
  });

  test('kills one that ignores SIGTERM, and whatever it started', async () => {
    const agent = await start('stubborn');
    const child = await childOf(agent);
    await agent.close();
    expect((await agent.exited).signal).toBe('SIGKILL');
    expect(await processStartTime(child)).toBeUndefined();
  });

  itInAll('may be called twice', async () => {
    const agent = await start('plain');
    await Promise.all([agent.close(), agent.close()]);
    await agent.close();
  });
});

test('what an agent started does not outlive it', async () => {
  const agent = await start('leaves-child');
  const child = await childOf(agent);
  process.kill(agent.pid as number, 'SIGKILL');
  await agent.exited;
  await expect.poll(() => processStartTime(child)).toBeUndefined();
});

test.each(['is closed', 'dies'])('what an agent put into a session of its own ends when it %s', async (how) => {
  const agent = await start('leaves-stray');
  const child = await childOf(agent);
  if (how === 'dies') process.kill(agent.pid as number, 'SIGKILL');
  else await agent.close();
  await agent.exited;
  expect(await processStartTime(child)).toBeUndefined();
  expect(await readdir(registryDir)).toEqual([]);
});

test.each(['a path', 'a port'])('a daemon at %s that two agents use ends with the last of them', async (at) => {
  const place = at === 'a path' ? join(registryDir, 'socket') : String(await freePort());
  const first = await start('shares-daemon', place);
  const daemon = await childOf(first);
  const second = await start('shares-daemon', place);
  await expect.poll(() => second.stderrTail()).toContain('joined');
  await first.close();
  expect(await processStartTime(daemon)).toBeDefined();
  expect((await readdir(registryDir)).filter((name) => name.endsWith('.json'))).toHaveLength(2);
  await second.close();
  expect(await processStartTime(daemon)).toBeUndefined();
});

test('a process that has ended and is not reaped does not count as one that runs', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pids = async () => (await listProcesses()).map(({ pid }) => pid);
  await expect.poll(pids).not.toContain(Number(line.toString()));
  expect(await pids()).toContain(parent.pid);
  expect(await readFile(`/proc/${Number(line.toString())}/stat`, 'utf8')).toContain(' Z ');
  parent.kill();
});

test('the end of stderr is kept, however much there was', async () => {
  const noise = "process.stderr.write('x'.repeat(1_000_000) + 'the end', () => process.exit(1))";
  const agent = await startProcess({
    command: process.execPath,
    args: ['-e', noise],
    cwd: tmpdir(),
    env: {},
    closeGraceMs: 200,
  });
  const { exitCode, stderrTail } = await agent.exited;
  expect(exitCode).toBe(1);
  expect(stderrTail).toHaveLength(8 * 1024);
  expect(stderrTail.endsWith('the end')).toBe(true);
});

itInAll("the mark of an agent is none of the server's own variables: an agent may start a server", async () => {
  const told = "process.stderr.write(Object.keys(process.env).filter((name) => name.startsWith('PARLEY_')).join())";
  const agent = await startProcess({
    command: process.execPath,
    args: ['-e', told],
    cwd: tmpdir(),
    env: {},
    closeGraceMs: 200,
  });
  expect((await agent.exited).stderrTail).toBe('PARLEY_AGENT_MARK');
});

describe('reaping', () => {
  /** Starts a server with an agent and kills it. Gives the pids of the agent and of what that started. */
  const killedServer = async (behaviour: string): Promise<{ agent: number; child: number }> => {
    const args = [OWNER, registryDir, AGENT, behaviour];
    const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const [agent = 0, child = 0] = line.toString().split(' ').map(Number);
    return { agent, child };
  };

  test('ends what a killed server left, with its children', async () => {
    const { agent, child } = await killedServer('stubborn');
    await writeFile(join(registryDir, 'half-written.json.new'), '{"mark"');
    expect(await processStartTime(agent)).toBeDefined();
    expect(await reapAgents(registryDir, { graceMs: 100 })).toEqual([agent]);
    await expect.poll(() => processStartTime(agent)).toBeUndefined();
    await expect.poll(() => processStartTime(child)).toBeUndefined();
    expect(await readdir(registryDir)).toEqual([]);
  });

  itInAll('ends what an agent left that went away with its server', async () => {
    const { agent, child } = await killedServer('leaves-child');
    await expect.poll(() => processStartTime(agent)).toBeUndefined();
    expect(await processStartTime(child)).toBeDefined();
    expect(await reapAgents(registryDir, { graceMs: 100 })).toEqual([agent]);
    await expect.poll(() => processStartTime(child)).toBeUndefined();
  });

  test('ends what a server left that was killed before it could write down which process it had started', async () => {
    const { agent, child } = await killedServer('stubborn');
    const [name = ''] = await readdir(registryDir);
    const { agent: _, ...record } = JSON.parse(await readFile(join(registryDir, name), 'utf8'));
    await writeFile(join(registryDir, name), JSON.stringify(record));
    expect(await reapAgents(registryDir, { graceMs: 100 })).toEqual([agent]);
    await expect.poll(() => processStartTime(child)).toBeUndefined();
  });

  itInAll('ends what an agent left in a session of its own', async () => {
    const { agent, child } = await killedServer('leaves-stray');
    await expect.poll(() => processStartTime(agent)).toBeUndefined();
    expect(await processStartTime(child)).toBeDefined();
    expect(await reapAgents(registryDir, { graceMs: 100 })).toEqual([child]);
    expect(await processStartTime(child)).toBeUndefined();
    expect(await readdir(registryDir)).toEqual([]);
  });

  itInAll('does not touch the agents of a server that still runs', async () => {
    const agent = await start('plain');
    expect(await reapAgents(registryDir)).toEqual([]);
    expect(await processStartTime(agent.pid as number)).toBeDefined();
    await agent.close();
  });

  test('never touches a process that only has the same id', async () => {
    const agent = await start('plain');
    const server = { pid: 999_999_999, started: 'long ago' };
    const record = { mark: 'x', command: 'x', server, agent: { pid: agent.pid, started: 'another time' } };
    await writeFile(join(registryDir, 'x.json'), JSON.stringify(record));
    expect(await reapAgents(registryDir)).toEqual([]);
    expect(await processStartTime(agent.pid as number)).toBeDefined();
    await agent.close();
  });

  itInAll('clears away a record that cannot be read', async () => {
    await writeFile(join(registryDir, 'x.json'), '{"mark":1');
    expect(await reapAgents(registryDir)).toEqual([]);
    expect(await readdir(registryDir)).toEqual([]);
  });

  test('finds nothing after a command that cannot be run', async () => {
    const options = { command: '/no/such/command', args: [], cwd: tmpdir(), env: {}, closeGraceMs: 200, registryDir };
    await expect(startProcess(options)).rejects.toThrow('no such command');
    expect(await readdir(registryDir)).toEqual([]);
  });

  test('of a folder that is not there finds nothing', async () => {
    expect(await reapAgents(join(registryDir, 'none'))).toEqual([]);
  });
});
