import { afterAll } from 'vitest';
import { type RunningServer, startServer } from '../test/start-server.js';
import { describeContract } from './describe-contract.js';

let server: RunningServer | undefined;

describeContract({
  name: 'the contract, from a vitest of one’s own,',
  level: 'core',
  rules: ['rest/created-session', 'rest/history-ids', 'rest/list', 'rest/answer-status', 'rest/answer-body'].slice(
    0,
    3,
  ),
  server: async () => {
    server = await startServer();
    return server;
  },
});

afterAll(() => server?.close());
