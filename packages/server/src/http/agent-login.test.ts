import { expect, it } from 'vitest';
import { startServer } from '../../test/start-server.js';

/** An agent that takes no conversation before a login, and names a way that needs a key and one that needs a person. */
const WANTS_LOGIN = `
  const authMethods = [
    { id: 'key', name: 'Set ACME_API_KEY' },
    { id: 'tui', name: 'Sign in', type: 'terminal', args: ['--login'] },
  ];
  const answers = { initialize: { result: { protocolVersion: 1, agentCapabilities: {}, authMethods } } };
  const refusal = { error: { code: -32000, message: 'Authentication required' } };
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line);
    console.log(JSON.stringify({ jsonrpc: '2.0', id, ...(answers[method] ?? refusal) }));
  });`;

it('an agent that wants a login is not worth another try, and the error says how to log in', async () => {
  const agent = { name: 'acme', title: 'Acme', command: process.execPath, args: ['-e', WANTS_LOGIN] };
  const { send, project } = await startServer({ agents: [agent], defaultAgent: 'acme' });
  const { status, headers, body } = await send('POST', '/api/sessions', { body: { cwd: project } });
  expect([status, body.code, headers['retry-after']]).toEqual([502, 'AgentLoginRequired', undefined]);
  expect(body.message).toContain('Acme wants a login first: Authentication required');
  expect(body.details.map(({ message }: { message: string }) => message)).toEqual([
    'key (Set ACME_API_KEY): set ACME_API_KEY for the server.',
    expect.stringMatching(/^tui \(Sign in\): run .* --login in a terminal\.$/s),
  ]);
});
