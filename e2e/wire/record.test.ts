import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@parleyhq/client';
import { expect, it, onTestFinished } from 'vitest';
import { serveForTest } from '../shared/serve-for-test.js';
import { countSeen } from './described.js';
import { findBreaches } from './find-breaches.js';
import { readRecording } from './read-recording.js';
import { recordingOptions } from './wire-log.mjs';

it('records requests, answers, frames and what was no request, also of a server that is killed; and no credential', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-record-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const [project, log] = [join(folder, 'project'), join(folder, 'log')];
  await mkdir(project);
  const { url, token, port, kill } = await serveForTest({
    ...{ root: project, dataDir: join(folder, 'data') },
    config: { agents: [{ name: 'demo', preset: 'demo' }] },
    env: { NODE_OPTIONS: recordingOptions(log, 'one'), PARLEY_LOG_LEVEL: 'error', PARLEY_DEMO_PACE: '0' },
  });
  await using client = createClient({ baseUrl: url, token });
  const session = await client.sessions.create({ cwd: project, approval_policy: 'auto' });
  for await (const event of await session.submit('Hello')) if (event.type === 'turn_completed') break;
  await fetch(`${url}/api/sessions?limit=0`, { headers: { Authorization: `Bearer ${token}` } });
  await sendNonsense(port);
  await kill();

  const recording = readRecording(log);
  expect(findBreaches(recording)).toEqual([]);
  expect([...countSeen(recording).keys()]).toEqual(
    expect.arrayContaining(['createSession 201', 'listSessions 400', 'server connection_ack', 'event turn_completed']),
  );
  expect(recording.refusals.map(({ answer }) => answer.status)).toEqual([400]);
  for (const name of await readdir(join(log, 'one'))) {
    expect(await readFile(join(log, 'one', name), 'utf8')).not.toContain(token);
  }
});

/** Sends what is no HTTP, and waits for the end. */
function sendNonsense(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
    socket.resume().once('close', () => resolve());
  });
}
