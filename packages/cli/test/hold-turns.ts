import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type SessionEvent } from '@parleyhq/client';
import { expect, onTestFinished } from 'vitest';
import { runParley, temporaryFolder } from './run-parley.js';

/** Starts a server for a project and connects to it. */
export async function startServer(args: readonly string[], env: Record<string, string> = {}) {
  const { folder, project, data } = await temporaryFolder();
  const options = { cwd: project, env: { PARLEY_DEMO_PACE: '0', PARLEY_REPLAY_SPEED: 'max', ...env } };
  const { said, child, ended } = runParley(['serve', '--port', '0', '--data-dir', data, ...args], options);
  const [banner, baseUrl = ''] = await said('stdout', /listening at (\S+)[\s\S]*Ctrl-C/);
  const token = (await readFile(join(data, 'access-token'), 'utf8')).trim();
  const client = createClient({ baseUrl, token });
  onTestFinished(() => client[Symbol.asyncDispose]());
  const close = async () => {
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  };
  return { folder, project, banner, client, close };
}

/** Says something to the default agent, allows everything, and gives the turn's events. */
export async function holdTurns(
  { client, project }: Awaited<ReturnType<typeof startServer>>,
  prompts: readonly string[],
) {
  await using session = await client.sessions.create({ cwd: project });
  const events: SessionEvent[] = [];
  for (const prompt of prompts) {
    const turn = await session.submit(prompt);
    for await (const event of turn) {
      events.push(event);
      if (event.type === 'approval_requested') await session.approve(event.approval);
    }
  }
  return events;
}
