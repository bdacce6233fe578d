import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
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

describe('a local server', () => {
  it('is found with its token in the data directory that is named, or that the environment names', async () => {
    const dataDir = await dataDirectory();
    const found = findLocalServer({ dataDir });
    expect(found).toMatchObject({ baseUrl: URL_, dataDir });
    expect(await found.token()).toBe('parley_secret');
    await writeFile(join(dataDir, 'access-token'), 'parley_another\n');
    expect(await found.token()).toBe('parley_another');

    const before = process.env.PARLEY_DATA_DIR;
    onTestFinished(() => {
      if (before === undefined) delete process.env.PARLEY_DATA_DIR;
      else process.env.PARLEY_DATA_DIR = before;
    });
    process.env.PARLEY_DATA_DIR = dataDir;
    expect(findLocalServer()).toMatchObject({ baseUrl: URL_, dataDir });
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
