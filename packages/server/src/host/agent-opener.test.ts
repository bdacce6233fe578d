import { AgentError } from '@parleyhq/agents';
import { expect, it } from 'vitest';
import { withStartErrors } from './agent-opener.js';

it('an agent that wants a login is not worth another try, and the error says how to log in', async () => {
  const methods = ['key (API key): set ACME_API_KEY for the server.', 'tui (Sign in): run acme --login in a terminal.'];
  const refused = withStartErrors('acme', async () => {
    throw new AgentError('login', 'Acme wants a login first', { methods });
  });
  await expect(refused).rejects.toMatchObject({
    code: 'AgentLoginRequired',
    status: 502,
    retryable: false,
    retryAfter: undefined,
    details: methods.map((message) => ({ message })),
  });
});
