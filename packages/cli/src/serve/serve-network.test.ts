import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { makeCertificate } from '../../../server/test/certificate.js';
import { request } from '../../../server/test/request.js';
import { runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

/** A server that has said all of its banner. */
async function startParley(args: readonly string[], folders: Awaited<ReturnType<typeof temporaryFolder>>) {
  const { data, project } = folders;
  const running = runParley(['serve', '--port', '0', '--data-dir', data, ...args], { cwd: project });
  const [banner, url = ''] = await running.said('stdout', /listening at (\S+)[\s\S]*Ctrl-C/);
  const token = (await readFile(join(data, 'access-token'), 'utf8')).trim();
  return { ...running, banner, url, authorization: `Bearer ${token}` };
}

describe('parley serve on a network', () => {
  it('speaks TLS with a certificate, believes the proxies that it is told to, and keeps an audit log', async () => {
    const folders = await temporaryFolder();
    const { cert: ca } = await makeCertificate(folders.folder);
    const config = join(folders.folder, 'parley.yaml');
    const lines = ['tls_cert: server.crt', 'tls_key: server.key', 'trust_proxy: 1', 'audit_log: audit.log'];
    await writeFile(config, [...lines, 'limits: { max_sessions: 1, max_agent_line_bytes: 1000000 }'].join('\n'));
    const { url, banner, authorization } = await startParley(['--config', config], folders);
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    expect(banner).not.toContain('Warning');
    const headers = { authorization, 'x-forwarded-for': '203.0.113.7' };
    const create = () => request(url, 'POST', '/api/sessions', { ca, headers, body: { cwd: folders.project } });
    expect((await create()).status).toBe(201);
    expect((await create()).body.code).toBe('TooManySessions');
    const audit = await readFile(join(folders.folder, 'audit.log'), 'utf8');
    expect(JSON.parse(audit.split('\n', 1)[0] ?? '')).toMatchObject({ action: 'create_session', ip: '203.0.113.7' });
  });

  itInAll('warns on the terminal and in the log where others can read along', async () => {
    const args = ['--host', '0.0.0.0', '--allow-host', 'parley.example'];
    const { banner, said } = await startParley(args, await temporaryFolder());
    expect(banner).toMatch(/Warning: Tokens and sessions can be read .*--tls-cert/);
    await said('stderr', /"level":"warn".*can be read/);
  });

  it('names the option that makes no sense, what was expected and what was got', async () => {
    const { folder, project, data } = await temporaryFolder();
    const { tlsCert } = await makeCertificate(folder);
    const config = join(folder, 'parley.yaml');
    await writeFile(config, 'limits: { max_history_page_events: 1001 }');
    const cases: [string[], RegExp][] = [
      [['--host', '0.0.0.0'], /^parley: --host: expected .*--allow-host or --public-url.* 0\.0\.0\.0; got neither/],
      [['--tls-cert', tlsCert], /^parley: --tls-key: expected the key of the certificate, got none/],
      [['--tls-key', join(folder, 'none')], /^parley: --tls-cert: expected the certificate of the key, got none/],
      [['--tls-cert', tlsCert, '--tls-key', tlsCert], /^parley: --tls-key: expected a PEM file with a private key/],
      [['--trust-proxy', '0'], /^parley: --trust-proxy: expected how many proxies there are, from 1 to 16/],
      [['--trust-proxy', 'proxy.example'], /^parley: --trust-proxy: expected .*proxy\.example/],
      [['--audit-log', folder], /^parley: --audit-log: expected a file to append to, got /],
      [
        ['--config', config],
        /^parley: limits \(in .*--config\): expected maxHistoryPageEvents .* from 1 to 1000, got 1001/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await runHere(['serve', '--data-dir', data, ...args], { cwd: project });
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toMatch(message);
    }
  });
});
