import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runHere, temporaryFolder } from '../../test/run-parley.js';

const EVIL =
  '\u001b]0;owned\u0007\u009b2J\u001b]52;c;ZXZpbA==\u0007\n::add-mask::x\r\n  ::set-output name=a::b\n##[error]c\n' +
  '<script>alert(1)</script>\u202e `````\n# heading <img src=x> \ud800';

/** A server that says evil things wherever it can. It refuses everything if it is told so. */
async function openHostileServer({ refuses = false } = {}): Promise<string> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.statusCode = refuses ? 403 : request.method === 'GET' ? 200 : 500;
    const session = { session_id: EVIL, status: EVIL, agent: EVIL, created_at: 1, title: EVIL, cwd: EVIL };
    const details = [{ pointer: EVIL, message: EVIL }];
    const other = refuses
      ? { code: 'Forbidden', message: EVIL, timestamp: 1, request_id: '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11', details }
      : { code: EVIL, message: EVIL, sessions: [session], next_cursor: null };
    response.end(request.url === '/api/health' ? EVIL : JSON.stringify(other));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Expects a text that does nothing to a terminal, and gives no command to a CI system but ours. */
function expectHarmless(text: string): void {
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
  expect(text).not.toMatch(/^\s*::(?!error title=|warning title=)|##\w*\[/m);
}

it.each(['text', 'github', 'junit', 'html', 'json'])(
  'parley verify --report %s gives the words of a server neither to the terminal nor to the CI',
  async (format) => {
    const { folder } = await temporaryFolder();
    const url = await openHostileServer();
    const file = join(folder, 'report');
    const args = ['verify', url, '--cwd', folder, '--rule', 'rest/health', '--report', format];
    const env = { PARLEY_TOKEN: 'parley_x', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const { code, stdout, stderr } = await runHere([...args, '--report', `${format}=${file}`], { env });
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/(<|&lt;)U\+001B(>|&gt;)\]0;owned/);
    expectHarmless(stdout);
    expectHarmless(readFileSync(file, 'utf8'));
  },
);

it.each([['sessions'], ['sessions', 'close', 'x'], ['run', 'hi'], ['verify', '--rule', 'rest/health']])(
  'parley %s %s does so too',
  async (...args) => {
    const { folder } = await temporaryFolder();
    for (const refuses of [false, true]) {
      const url = await openHostileServer({ refuses });
      const server = args[0] === 'verify' ? [url] : ['--server', url];
      const env = { PARLEY_TOKEN: 'parley_x' };
      const { stdout, stderr } = await runHere([...args, ...server], { cwd: folder, env });
      expect(stdout + stderr).not.toBe('');
      expectHarmless(stdout + stderr);
    }
  },
);
