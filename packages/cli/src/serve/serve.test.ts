import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from '@parleyhq/server';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

const listening = /listening at (http:\/\/\S+)/;

async function startParley(args: readonly string[] = [], env: Record<string, string> = {}) {
  const folders = await temporaryFolder();
  const running = runParley(['serve', '--port', '0', '--data-dir', folders.data, ...args], {
    cwd: folders.project,
    env,
  });
  const [, url = ''] = await running.said('stdout', listening);
  const token = (await readFile(join(folders.data, 'access-token'), 'utf8')).trim();
  const get = async (path: string) => {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, body: await response.json() };
  };
  return { ...folders, ...running, url, token, get };
}

describe('parley serve', () => {
  it('says where it listens, where its data is, what it found and how to authenticate; the token stays in its file', async () => {
    const { data, project, token, child, ended, said } = await startParley();
    await said('stdout', /Ctrl-C ends the server/);
    child.kill('SIGTERM');
    const { stdout, stderr, code } = await ended;
    expect(code).toBe(0);
    for (const part of [
      data,
      project,
      'demo (default): ready',
      'npm install --global',
      'Authorization: Bearer $(cat ',
    ]) {
      expect(stdout).toContain(part);
    }
    expect(stdout + stderr).not.toContain(token);
  });

  itInAll('logs JSON lines on stderr alone, as much as it is told', async () => {
    const { get, child, ended } = await startParley();
    await get('/api/sessions');
    child.kill('SIGINT');
    const { stderr, stdout } = await ended;
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['listening', 'request', 'draining', 'drained']),
    );
    expect(stdout).not.toContain('"msg"');
    const quiet = await startParley([], { PARLEY_LOG_LEVEL: 'silent' });
    await quiet.get('/api/sessions');
    quiet.child.kill('SIGTERM');
    expect((await quiet.ended).stderr).toBe('');
  });

  it('serves sessions in the folder that it was started in', async () => {
    const { url, token, project, folder } = await startParley();
    const create = (cwd: string) =>
      fetch(`${url}/api/sessions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ cwd }),
      });
    expect((await create(folder)).status).toBe(400);
    expect((await create(project)).status).toBe(201);
  });

  it('drains on the first signal and ends at once on the second', async () => {
    const { url, token, project, child, ended, said } = await startParley();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const created = await fetch(`${url}/api/sessions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ cwd: project }),
    });
    const { http_url } = (await created.json()) as { http_url: string };
    // A peer that never answers the close holds the drain up.
    const peer = connect(Number(new URL(url).port), '127.0.0.1');
    const key = `${'A'.repeat(22)}==`;
    peer.write(
      `GET ${new URL(http_url).pathname}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
        `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    await new Promise((resolve) => peer.once('data', resolve));
    peer.on('error', () => undefined);
    child.kill('SIGTERM');
    await said('stderr', /"msg":"draining"/);
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).not.toContain('"drained"');
  });

  itInAll('refuses a data directory that another server has, and names its process', async () => {
    const { data, project, child } = await startParley();
    const { code, stderr, stdout } = await runParley(['serve', '--port', '0', '--data-dir', data], { cwd: project })
      .ended;
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(new RegExp(`^parley: --data-dir: .*${data}.* pid ${child.pid}; .*\\n$`));
  });

  itInAll('refuses a port that is in use, and leaves its data directory free', async () => {
    const { url, project, folder } = await startParley();
    const args = ['serve', '--port', new URL(url).port, '--data-dir', join(folder, 'other')];
    const { code, stderr } = await runParley(args, { cwd: project }).ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/^parley: --port: \d+ at 127\.0\.0\.1 is in use by another program; .*\n$/);
    const again = await createServer({ dataDir: join(folder, 'other'), port: 0, roots: [project] });
    await again.close();
  });

  itInAll(
    'takes any option from the environment and from a file; the command line wins, then the environment',
    async () => {
      const { folder, project } = await temporaryFolder();
      await mkdir(join(folder, 'elsewhere'));
      const config = join(folder, 'parley.yaml');
      await writeFile(
        config,
        [
          'data_dir: ./kept',
          'root: [./project, ./elsewhere]',
          'agent: mine',
          'allow_origin: https://file.example',
          'approval_policy: ask',
          'limits: { agent_idle_ms: 60000, max_turn_silence_ms: 60000 }',
          'port: 1',
          'agents:',
          '  - { name: mine, command: no-such-command, args: [--acp], env: { A: b }, pass_env: [KEY_*] }',
        ].join('\n'),
      );
      const env = {
        PARLEY_CONFIG: config,
        PARLEY_ALLOW_ORIGIN: 'https://a.example, https://b.example',
        PARLEY_PORT: '2',
      };
      const { said } = runParley(['serve', '--port', '0'], { cwd: project, env });
      const [banner, url] = await said('stdout', /listening at (\S+)[\s\S]*Ctrl-C/);
      expect(banner).toContain(join(folder, 'kept'));
      expect(banner).toContain(join(folder, 'elsewhere'));
      expect(banner).toContain('mine (default): no-such-command was not found');
      const statusOf = async (origin: string) => (await fetch(`${url}/api/health`, { headers: { origin } })).status;
      expect(await statusOf('https://b.example')).toBe(200);
      expect(await statusOf('https://file.example')).toBe(403);
    },
  );

  it('names the option that makes no sense, what was expected and what was got', async () => {
    const { project, data, folder } = await temporaryFolder();
    const config = join(folder, 'parley.yaml');
    const wrongFile = async (text: string) => {
      await writeFile(config, text);
      return ['--config', config];
    };
    const cases: [string[], RegExp][] = [
      [['--port', 'http'], /'--port <number>' argument 'http' is invalid\. Expected a whole number from 0 to 65535/],
      [['--log-level', 'loud'], /'--log-level <level>' argument 'loud' is invalid\. Allowed choices are silent,/],
      [
        ['--approval-policy', 'all'],
        /'--approval-policy <policy>' argument 'all' is invalid\. Allowed choices are deny,/,
      ],
      [['--colour'], /unknown option '--colour'/],
      [['--agent', 'nobody'], /^parley: --agent: expected one of demo, .*, got nobody/],
      [['--root', join(project, 'nowhere')], /^parley: --root: expected an existing folder, got /],
      [['--public-url', 'parley.example'], /^parley: --public-url: expected http:/],
      [['--allow-origin', 'app.example'], /^parley: --allow-origin: expected an origin such as /],
      [['--config', join(project, 'none.yaml')], /^parley: --config .*none\.yaml: ENOENT/],
      [await wrongFile('rots: [.]'), /parley\.yaml: .*rots: expected one of host, port, data_dir, root,/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await runHere(['serve', '--data-dir', data, ...args], { cwd: project });
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toMatch(message);
    }
    for (const [text, message] of [
      ['port: high', /port: expected a whole number, got "high"/],
      ['approval_policy: all', /approval_policy: expected one of deny, ask, auto, got "all"/],
      ['limits: { agent_idle_ms: 0 }', /agent_idle_ms: expected a whole number above 0, got 0/],
      ['agents: [{ command: x }]', /agents\[0\]\.name: expected a name/],
      ['agents: [{ name: x, command: y, acp_version: 3 }]', /acp_version: expected one of 1, 2, got 3/],
      ['agents: [{ name: demo, in_memory: 1 }]', /in_memory: expected true or false, got 1/],
      [
        'agents: [{ name: codex, in_memory: true }]',
        /agents.*: Agent codex: expected in_memory only for the preset demo/,
      ],
      ['agents: [{ name: X, command: x }]', /agents.*: Expected an agent name of lower-case letters/],
      [
        'agent_wrapper: [bwrap, {cwd}]',
        /agent_wrapper\[1\]: expected a text \(put what has braces in quotes\), got \{"cwd":null\}/,
      ],
      ['agent_wrapper: [bwrap, "{dir}"]', /agent_wrapper .*: wrapper: expected \{cwd\}, .*, got \{dir\}/],
      ['approval_rules: [{ kind: write, action: ask }]', /kind: expected one of read, edit, .*, got "write"/],
      ['approval_rules: [{ kind: read }]', /approval_rules\[0\]\.action: expected one of allow_once, reject_once, ask/],
      ['approval_rules: { path: ../x, action: ask }', /approval_rules .*: rule 0\/path: expected a path without \.\./],
      ['a: [', /parley\.yaml: /],
    ] as const) {
      const { code, stderr } = await runHere(['serve', '--data-dir', data, ...(await wrongFile(text))], {
        cwd: project,
      });
      expect([text, code]).toEqual([text, 2]);
      expect(stderr).toMatch(message);
    }
  });

  it('never takes the root of the file system by itself', async () => {
    const { data } = await temporaryFolder();
    const { code, stderr } = await runHere(['serve', '--data-dir', data], { cwd: '/' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^parley: --root: expected a folder: the server was started in \/, /);
  });

  it('explains itself to a stranger', async () => {
    const help = await runHere(['serve', '--help']);
    expect(help.code).toBe(0);
    for (const name of [
      'HOST',
      'PORT',
      'DATA_DIR',
      'ROOT',
      'AGENT',
      'PUBLIC_URL',
      'TLS_CERT',
      'TLS_KEY',
      'TRUST_PROXY',
      'AUDIT_LOG',
      'ALLOW_HOST',
      'ALLOW_ORIGIN',
      'APPROVAL_POLICY',
      'CONFIG',
      'LOG_LEVEL',
    ]) {
      expect(help.stdout).toContain(`PARLEY_${name}`);
    }
    for (const part of ['Examples:', 'access-token', 'Exit codes:', 'SIGTERM']) expect(help.stdout).toContain(part);
    expect((await runHere(['--help'])).stdout).toContain('parley serve');
    expect(await runParley(['--version']).ended).toEqual({
      ...{ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' },
    });
    const wrong = await runParley(['server']).ended;
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("unknown command 'server'")]);
  });
});
