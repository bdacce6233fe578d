import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startServer } from '../../test/start-server.js';

const AGENT = fileURLToPath(new URL('../../test/scripted-agent.mjs', import.meta.url));

it('what the agent of a session cannot do is refused, and named', async () => {
  const plain = { name: 'plain', title: 'Plain', command: process.execPath, args: [AGENT, 'resume'] };
  const { send, project } = await startServer({ agents: [plain], defaultAgent: 'plain' });
  const directories = await send('POST', '/api/sessions', {
    body: { cwd: project, additional_directories: [project] },
  });
  expect([directories.status, directories.body.code]).toEqual([422, 'UnsupportedByAgent']);
  expect(directories.body.details).toMatchObject([{ pointer: '/body/additional_directories' }]);

  const { body: session } = await send('POST', '/api/sessions', { body: { cwd: project } });
  const { status, body } = await send('POST', `/api/sessions/${session.session_id}/submit`, {
    body: { type: 'user_message', content: 'say hello', delivery: 'steer' },
  });
  expect([status, body.code]).toEqual([422, 'UnsupportedByAgent']);
  expect(body.details).toMatchObject([{ pointer: '/body/delivery' }]);
});
