import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../create-client.js';
import { findLocalServer } from './find-local-server-node.js';
import { processStartTime } from './process-start-time-node.js';

const URL_ = 'http://127.0.0.1:4321';

/** A data directory as a running server, this process, leaves it; `file` is what it says in `server.json`. */
async function dataDirectory(file: unknown = { url: URL_, pid: process.pid }) {
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), 'parley-')));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  await writeFile(join(dataDir, 'access-token'), 'parley_secret\n');
  await writeFile(join(dataDir, 'server.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return dataDir;
}

/** A server at a free port that proves to have this token, if it has one. `asked` has all that it was asked. */
async function listen(token: string | undefined, host = '127.0.0.1') {
  const asked: string[] = [];
  const server = createServer(({ url = '', method, headers, socket }, response) => {
    asked.push(`${method} ${url} ${JSON.stringify(headers)}`);
    const [, challenge] = /\?challenge=([\w-]{43})$/.exec(url) ?? [];
    const lines = ['parley-health-proof', challenge, socket.localAddress?.replace('::ffff:', ''), socket.localPort];
    const proof = token && createHmac('sha256', token).update(lines.join('\n')).digest('base64url');
    response.end(JSON.stringify({ status: 'healthy', proof }));
  });
  await new Promise<void>((resolve) => void server.listen(0, host, resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  onTestFinished(async () => void (await close()));
  return { asked, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a local server', () => {
  it('is found with its token in the data directory that is named, or that the environment names', async () => {
    const dataDir = await dataDirectory();
    expect(findLocalServer({ dataDir })).toMatchObject({ baseUrl: URL_, dataDir });

    const before = process.env.PARLEY_DATA_DIR;
    onTestFinished(() => {
      if (before === undefined) delete process.env.PARLEY_DATA_DIR;
      else process.env.PARLEY_DATA_DIR = before;
    });
    process.env.PARLEY_DATA_DIR = dataDir;
    expect(findLocalServer()).toMatchObject({ baseUrl: URL_, dataDir });
  });

  it('gives its token once it has proved to have the same, and each time again', async () => {
    for (const host of ['127.0.0.1', '::']) {
      const { url, asked } = await listen('parley_secret', host);
      const dataDir = await dataDirectory({ url, pid: process.pid });
      const found = findLocalServer({ dataDir });
      expect(await found.token()).toBe('parley_secret');
      expect(await findLocalServer({ dataDir, baseUrl: `${url}/` }).token()).toBe('parley_secret');
      expect(new Set(asked).size).toBe(2);
      await writeFile(join(dataDir, 'access-token'), 'parley_another\n');
      await expect(found.token()).rejects.toMatchObject({ name: 'LocalServerError', problem: 'unproven' });
      expect(asked.join()).not.toMatch(/parley_/);
    }
  });

  it('that proves nothing gets neither a token nor a call, and says what to do', async () => {
    const { url, asked } = await listen(undefined);
    const client = createClient.local({ dataDir: await dataDirectory({ url, pid: process.pid }) });
    await expect(client.sessions.list().next()).rejects.toMatchObject({
      problem: 'unproven',
      message: expect.stringMatching(/^what listens at http.* older release, which has to be started again$/),
    });
    expect(asked).toEqual([expect.stringMatching(/^GET \/api\/health\?challenge=/)]);
  });

  it('that does not listen is tried again, like every server', async () => {
    const { url, close } = await listen('parley_secret');
    await close();
    const dataDir = await dataDirectory({ url, pid: process.pid });
    const client = createClient.local({ dataDir, maxRetries: 2, backoff: { base: 1 } });
    await expect(client.sessions.list().next()).rejects.toMatchObject({ name: 'ConnectionError', attempts: 3 });
  });

  it('is not one that ended without saying so: whoever listens there now gets no token', async () => {
    // A process that there was, and is no more.
    const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid']));
    const dataDir = await dataDirectory({ url: URL_, pid });
    expect(() => createClient.local({ dataDir })).toThrow(
      expect.objectContaining({
        name: 'LocalServerError',
        problem: 'not_running',
        message: expect.stringMatching(new RegExp(`pid ${pid}.*parley serve`)),
      }),
    );
  });

  it('is not another process that got the pid of one that was killed', async () => {
    const dataDir = await dataDirectory({ url: URL_, pid: process.pid, started: processStartTime(process.pid) });
    expect(findLocalServer({ dataDir }).baseUrl).toBe(URL_);
    const other = await dataDirectory({ url: URL_, pid: process.pid, started: processStartTime(process.ppid) });
    expect(() => findLocalServer({ dataDir: other })).toThrow(expect.objectContaining({ problem: 'not_running' }));
  });

  it('is looked for with clear words where there is none', async () => {
    const none = join(await dataDirectory(), 'none');
    const problem = (options: { dataDir: string; baseUrl?: string }) => {
      try {
        return findLocalServer(options);
      } catch (error) {
        return error;
      }
    };
    expect(problem({ dataDir: none })).toMatchObject({
      problem: 'not_running',
      message: expect.stringMatching(/none \(ENOENT.*parley serve/),
    });
    await mkdir(none);
    expect(problem({ dataDir: none, baseUrl: URL_ })).toMatchObject({ problem: 'no_token' });
    for (const file of ['{', 'null', { url: 'ftp://x', pid: 1 }, { url: URL_ }, { url: URL_, pid: -1 }]) {
      expect(problem({ dataDir: await dataDirectory(file) })).toMatchObject({
        problem: 'not_running',
        message: expect.stringContaining('server.json'),
      });
    }
  });

  it('is of this machine: its token is never for another', async () => {
    const dataDir = await dataDirectory({ url: 'http://192.168.7.7:80', pid: process.pid });
    for (const baseUrl of ['http://localhost:1/', 'https://127.0.0.9', 'http://[::1]:99', 'http://192.168.7.7']) {
      expect(findLocalServer({ dataDir, baseUrl }).baseUrl).toBe(baseUrl);
    }
    for (const baseUrl of ['http://localhost.evil.example', 'http://192.168.7.7:81', 'ftp://localhost', 'localhost']) {
      expect(() => findLocalServer({ dataDir, baseUrl })).toThrow(
        expect.objectContaining({ problem: 'not_local', message: expect.stringContaining(`got ${baseUrl}`) }),
      );
    }
  });

  it('is for Node alone: in a page the call says so, and the bundle has nothing of Node', async () => {
    const contents = "import { createClient } from '@parleyhq/client'; createClient.local();";
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    });
    const [{ text } = { text: '' }] = outputFiles;
    expect(text).not.toMatch(/node:|\.parley|access-token/);
    const page = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
    await expect(import(/* @vite-ignore */ page)).rejects.toMatchObject({ problem: 'unsupported' });
  });
});
