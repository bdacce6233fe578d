import { createClient } from '@parleyhq/client';
import { createServer } from '@parleyhq/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { runInTerminal } from '../../test/run-in-terminal.js';
import { runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

/** A server with two sessions, one of them closed. */
async function openServer() {
  const { data, project } = await temporaryFolder();
  // The commands run in this process, with an environment of their own.
  const server = await createServer({ dataDir: data, port: 0, roots: [project], env: { ...process.env } });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  const client = createClient({ baseUrl: url, token: server.token });
  const open = await client.sessions.create({ cwd: project, title: 'First \u001b[2J排序' });
  const closed = await client.sessions.create({ cwd: project });
  await closed.close();
  const env = { PARLEY_SERVER: url, PARLEY_DATA_DIR: data };
  const sessions = (...args: string[]) => runHere(['sessions', ...args], { env });
  return { open, closed, client, project, env, sessions };
}

describe('parley sessions', () => {
  it('lists sessions as a table, newest first', async () => {
    const { open, closed, project, env, sessions } = await openServer();
    const { code, stdout } = await runParley(['sessions'], { env }).ended;
    expect(code).toBe(0);
    const [header, first, second] = stdout.split('\n');
    expect(header).toMatch(/^ID {36}STATUS {2}AGENT {2}AGE +TITLE *$/);
    expect(first).toMatch(new RegExp(`^${closed.id}  closed  demo   \\d+s  +${project} *$`));
    expect(second).toContain(`${open.id}  idle    demo `);
    expect(second).toContain(`First <U+001B>[2J排序 · ${project}`);
    expect((await sessions('list', '--status', 'idle')).stdout).not.toContain(closed.id);
    expect((await sessions('--limit', '1')).stdout).not.toContain(open.id);
    expect((await sessions('--status', 'running')).stdout).toBe('No sessions.\n');
  });

  itInAll('cuts the table to the width of the terminal', async () => {
    const { project, env } = await openServer();
    const { shown } = await runInTerminal(['sessions'], { cwd: project, env, columns: 70 }).ended;
    expect(shown.split('\n').filter((line) => line.length > 70)).toEqual([]);
    expect(shown).toContain('…');
  });

  itInAll('prints sessions whole, one a line', async () => {
    const { open, sessions } = await openServer();
    const { stdout } = await sessions('--json', '--status', 'idle');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([await open.refresh()]);
  });

  it('closes and purges sessions, each whatever became of the others', async () => {
    const { open, closed, sessions } = await openServer();
    const unknown = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';
    const done = await sessions('close', unknown, open.id);
    expect(done).toMatchObject({ code: 2, stdout: `${open.id} closed\n` });
    expect(done.stderr).toMatch(/^parley: .*\[SessionNotFound\]\n$/);
    expect((await open.refresh()).status).toBe('closed');
    expect(await sessions('close', '--purge', closed.id)).toMatchObject({ code: 0, stdout: `${closed.id} purged\n` });
    await expect(closed.refresh()).rejects.toMatchObject({ code: 'SessionNotFound' });
  });

  it('lists the sessions that an agent keeps, and forks one of the server', async () => {
    const { open, client, project, sessions } = await openServer();
    await (await open.submit('/plan')).completed();
    const kept = await client.sessions.ofAgent('demo', { cwd: project });
    const [{ agent_session_id: id } = { agent_session_id: 'none' }] = kept.sessions;
    const table = await sessions('agent', 'demo', '--cwd', project);
    expect(table).toMatchObject({ code: 0, stdout: expect.stringMatching(/^AGENT SESSION +AGE +OPEN AS +TITLE/) });
    expect(table.stdout).toMatch(new RegExp(`^${id} +\\d+s +${open.id} +/plan *$`, 'm'));
    const { stdout } = await sessions('agent', 'demo', '--cwd', project, '--json');
    expect(JSON.parse(stdout)).toEqual(kept.sessions[0]);
    const fork = await sessions('fork', open.id);
    expect((await client.sessions.get(fork.stdout.trim())).info.forked_from?.session_id).toBe(open.id);
    expect(await sessions('agent', 'nobody', '--cwd', project)).toMatchObject({ code: 2 });
  });

  it('says what is wrong, and explains itself', async () => {
    const { sessions } = await openServer();
    expect(await sessions('--status', 'busy')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('awaiting_approval'),
    });
    expect(await sessions('close')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("missing required argument 'id'"),
    });
    expect(await sessions('--token', 'wrong')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('[Unauthorized]'),
    });
    const { stdout } = await sessions('--help');
    for (const part of ['list', 'close', 'Examples:', 'Exit codes:']) expect(stdout).toContain(part);
    expect((await sessions('close', '--help')).stdout).toContain('--purge');
  });
});
