import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ask, CANARY, documentedWrapper, processesWith, startWorld, type World } from './world.js';

let wrapper: string[];
beforeAll(async () => {
  wrapper = await documentedWrapper();
});

/** Ways to the server's token, and to what else it knows. */
const ways = ({ dataDir, server }: World) => ({
  'the file itself': `cat ${dataDir}/access-token`,
  'the log': `cat ${dataDir}/parley.db*`,
  'the root of the server': `cat /proc/${server.pid}/root${dataDir}/access-token`,
  'what processes have open': 'cat /proc/[0-9]*/fd/* < /dev/null 2> /dev/null & sleep 1; kill $!',
  'the environment of processes': 'cat /proc/[0-9]*/environ',
  'taking the cover away': `umount ${dataDir}; umount -l ${dataDir}; cat ${dataDir}/access-token`,
  'root of its own': `unshare -Urm sh -c 'umount ${dataDir}; cat ${dataDir}/access-token'`,
  'another process by name': `for pid in /proc/[0-9]*; do cat $pid/root${dataDir}/access-token; done`,
});

describe('the data directory', () => {
  test('is hidden from an agent in its working directory, whichever way it tries', async () => {
    const world = await startWorld(wrapper);
    await using session = await world.client.sessions.create({ cwd: world.project });
    expect(await ask(session, 'cat /proc/self/mounts')).toContain(world.dataDir);
    for (const [way, command] of Object.entries(ways(world))) {
      const said = await ask(session, command);
      expect(said, way).not.toContain(world.token);
      expect(said, way).not.toContain(CANARY);
    }
    expect(await ask(session, `ls -A ${world.dataDir}`)).toBe('');
    // What it makes there is its own.
    await ask(session, `echo mine > ${world.dataDir}/mine`);
    expect(readdirSync(world.dataDir)).not.toContain('mine');
  });

  test('is not hidden without the wrapper: what is proved above is proved by it', async () => {
    const world = await startWorld([]);
    await using session = await world.client.sessions.create({ cwd: world.project });
    expect(await ask(session, `wc -c < ${world.dataDir}/access-token`)).toBe(`${world.token.length + 1}\n`);
    expect(await ask(session, `tr '\\0' '\\n' < /proc/${world.server.pid}/environ | grep -c MY_SECRET`)).toBe('1\n');
  });

  test('is hidden but for the copy of an isolated workspace, which works', async () => {
    const world = await startWorld(wrapper);
    writeFileSync(join(world.project, 'a.txt'), 'a\n');
    await using other = await world.client.sessions.create({ cwd: world.project, workspace: 'isolated' });
    await ask(other, 'echo secret of another session > secret.txt');
    await using session = await world.client.sessions.create({ cwd: world.project, workspace: 'isolated' });
    expect(await ask(session, 'cat a.txt')).toBe('a\n');
    expect(await ask(session, `find ${world.dataDir} -name secret.txt -o -name access-token -o -name '*.db'`)).toBe('');
    expect(await ask(session, `ls ${world.dataDir} ${world.dataDir}/sessions`)).toBe(
      `${world.dataDir}:\nsessions\n\n${world.dataDir}/sessions:\n${session.id}\n`,
    );
    expect(await ask(session, `echo b > ${world.project}/b.txt; echo b > b.txt`)).toContain('Read-only file system');
    expect(existsSync(join(world.project, 'b.txt'))).toBe(false);
    const patch = await session.patch();
    expect(patch).toMatchObject({ files: [{ path: 'b.txt' }], applicable: true });
    await session.applyPatch(patch);
    expect(readFileSync(join(world.project, 'b.txt'), 'utf8')).toBe('b\n');
  });

  test('may not be in the directory of an agent that it is hidden from', async () => {
    const world = await startWorld(wrapper, ['--root', '/var/tmp']);
    const refused = { code: 'InvalidRequest', details: [{ pointer: '/body/cwd' }] };
    await expect(world.client.sessions.create({ cwd: world.folder })).rejects.toMatchObject(refused);
    await expect(world.client.sessions.create({ cwd: world.dataDir })).rejects.toMatchObject(refused);
  });
});

test('an agent writes its working directory and nothing else of this machine', async () => {
  const world = await startWorld(wrapper);
  const name = `parley-${randomUUID()}`;
  await using session = await world.client.sessions.create({ cwd: world.project });
  expect(await ask(session, 'echo made > made.txt && pwd')).toBe(`${world.project}\n`);
  expect(readFileSync(join(world.project, 'made.txt'), 'utf8')).toBe('made\n');
  for (const folder of ['/etc', '/tmp', '/var/tmp', world.folder]) {
    await ask(session, `echo made > ${folder}/${name}; ln -s /etc link; echo made > link/${name}`);
    expect(existsSync(join(folder, name)), folder).toBe(false);
  }
});

describe('what an agent started', () => {
  const start = (mark: string) =>
    `setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done # ${mark}' > /dev/null 2>&1 &`;

  /** A session whose agent has started something that ignores signals, outside of its process group. */
  async function openLeaving() {
    const mark = `stray-${randomUUID()}`;
    const world = await startWorld(wrapper);
    const session = await world.client.sessions.create({ cwd: world.project });
    await ask(session, start(mark));
    expect(await processesWith(mark)).not.toEqual([]);
    const gone = () => expect.poll(() => processesWith(mark), { timeout: 30_000 }).toEqual([]);
    return { ...world, session, gone };
  }

  test('ends with the session', async () => {
    const { session, gone } = await openLeaving();
    await session.close();
    await gone();
  });

  test('ends when the server is killed', async () => {
    const { server, gone } = await openLeaving();
    await server.kill();
    await gone();
  });

  test('ends when the agent crashes; its exit code and its last words come through', async () => {
    const { session, gone } = await openLeaving();
    const end = await (await session.submit('exit 7')).completed();
    expect(end).toMatchObject({
      status: 'failed',
      cause: 'agent_exited',
      error: { exit_code: 7, signal: null, stderr_tail: 'out of luck\n' },
    });
    await gone();
    expect(await ask(session, 'echo again')).toBe('again\n');
  });
});

test('a wrapper that fails says why', async () => {
  const world = await startWorld(['bwrap', '--no-such-option', '{cwd}', '--']);
  await expect(world.client.sessions.create({ cwd: world.project })).rejects.toMatchObject({
    code: 'AgentUnavailable',
    details: [{ message: expect.stringContaining('Unknown option --no-such-option') }],
  });
});

test('a recording is written outside of the sandbox', async () => {
  const cassettes = mkdtempSync('/var/tmp/parley-cassettes-');
  onTestFinished(() => rmSync(cassettes, { recursive: true }));
  const world = await startWorld(wrapper, ['--record', cassettes]);
  await using session = await world.client.sessions.create({ cwd: world.project });
  expect(await ask(session, `ls -A ${world.dataDir}; touch ${cassettes}/x`)).toContain('Read-only file system');
  const [cassette = ''] = readdirSync(cassettes);
  expect(readFileSync(join(cassettes, cassette), 'utf8')).toContain('"from":"agent"');
});
