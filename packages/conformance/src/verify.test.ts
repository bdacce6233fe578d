import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itInAll, shareOf } from '../../../scripts/test-forms.js';
import { type PassingAnswer, startProxy } from '../test/start-proxy.js';
import { type RunningServer, startServer } from '../test/start-server.js';
import { CannotVerify, nameOf, type VerifyOptions, verify } from './index.js';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

function verifyServer(options: Partial<VerifyOptions> = {}) {
  const { url, token, cwd } = server;
  return verify({ url, token, cwd, level: 'core', suites: ['rest'], ...options });
}

/** Runs some rules, and those that judge answers, through a proxy that makes one mistake. */
async function verifyWrong(rules: readonly string[], change: (answer: PassingAnswer) => void, options = {}) {
  const proxy = await startProxy(server.url, change);
  const judges = ['rest/answer-status', 'rest/answer-headers', 'rest/answer-body'];
  try {
    return await verifyServer({ url: proxy.url, rules: [...rules, ...judges], ...options });
  } finally {
    await proxy.close();
  }
}

const changeJson = (answer: PassingAnswer, change: (body: Record<string, unknown>) => void) => {
  const body = JSON.parse(answer.body);
  change(body);
  answer.body = JSON.stringify(body);
};

describe('a server that keeps the contract', () => {
  it('reaches its level, twice the same with the same seed, and none of the sessions stays', async () => {
    const report = await verifyServer({ seed: 7, strict: true });
    expect(report.outcomes.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(report.verdict).toMatchObject({ asked: 'core', reached: 'core', failed: 0, notExercised: 0, exitCode: 0 });
    expect(report.seed).toBe(7);
    const met = report.coverage.filter(({ count }) => count > 0).map(({ kind, name }) => `${kind} ${name}`);
    expect(met).toEqual(expect.arrayContaining(['answer createSession 201', 'error CursorAhead', 'promise 4']));
    const list = await fetch(`${server.url}/api/sessions`, { headers: { Authorization: `Bearer ${server.token}` } });
    expect(await list.json()).toMatchObject({ sessions: [] });
  });

  itInAll('passes through a proxy that changes nothing', async () => {
    const { verdict, outcomes } = await verifyWrong(
      ['rest/created-session', 'rest/order', 'rest/too-large'],
      () => undefined,
    );
    expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(verdict.failed).toBe(0);
  });
});

describe('a server that breaks it', () => {
  const isCreated = ({ method, status }: PassingAnswer) => method === 'POST' && status === 201;
  const wrongs: readonly [string, string, readonly string[], (answer: PassingAnswer) => void][] = [
    [
      'leaves out a field',
      'rest/answer-body (createSession)',
      ['rest/created-session'],
      (answer) => isCreated(answer) && changeJson(answer, (body) => delete body.ws_url),
    ],
    [
      'gives a field another type',
      'rest/answer-body (getHealth)',
      ['rest/health'],
      (answer) => answer.path === '/api/health' && changeJson(answer, (body) => (body.uptime = '1')),
    ],
    [
      'answers with another status',
      'rest/answer-status (createSession)',
      ['rest/created-session'],
      (answer) => {
        if (isCreated(answer)) answer.status = 202;
      },
    ],
    [
      'forgets a header',
      'rest/answer-headers (listSessions)',
      ['rest/credentials'],
      (answer) => answer.status === 401 && delete answer.headers['www-authenticate'],
    ],
    [
      'gives a code of another status',
      'rest/answer-body (getSession)',
      ['rest/unknown-session'],
      (answer) => answer.status === 404 && changeJson(answer, (body) => (body.code = 'CursorAhead')),
    ],
    [
      'gives a code that is not of the operation',
      'rest/answer-body (getSession)',
      ['rest/unknown-session'],
      (answer) => answer.status === 404 && changeJson(answer, (body) => (body.code = 'ApprovalNotFound')),
    ],
    [
      'tells everybody its version',
      'rest/health',
      ['rest/health'],
      (answer) => answer.path === '/api/health' && changeJson(answer, (body) => (body.version = '1')),
    ],
    [
      'names another place',
      'rest/invalid-body (login)',
      ['rest/invalid-body'],
      (answer) => answer.path === '/api/login' && changeJson(answer, (body) => delete body.details),
    ],
    [
      'skips an id',
      'rest/history-ids',
      ['rest/history-ids'],
      (answer) => {
        answer.body = answer.body.replace('"type":"event","id":2', '"type":"event","id":3');
      },
    ],
    [
      'allows what it does not take',
      'rest/method (/api/health)',
      ['rest/method'],
      (answer) => {
        if (answer.status === 405) answer.headers.allow = 'GET, POST, DELETE';
      },
    ],
  ];

  it.each(shareOf(wrongs, 4))('and %s breaks %s', async (_, name, rules, change) => {
    const { outcomes, verdict } = await verifyWrong(rules, change);
    const broken = outcomes.find(({ rule }) => nameOf(rule) === name);
    expect(broken?.status, JSON.stringify(outcomes.filter(({ status }) => status !== 'passed'))).toBe('failed');
    expect(verdict).toMatchObject({ exitCode: 1, reached: null });
    for (const failure of broken?.failures ?? []) {
      expect(failure.line).toMatch(/^(openapi\.yaml|PROTOCOL\.md):\d+$/);
      expect(failure.repeat).toMatch(/^curl -i /);
      expect(failure.sent).toMatch(/^[A-Z]+ \/api\//);
      expect(failure.received).toMatch(/^\d{3}/);
    }
    expect(broken?.failures.length).toBeGreaterThan(0);
    expect(JSON.stringify(outcomes)).not.toContain(server.token);
  });

  it('adds a field: a note, which is broken with strict', async () => {
    const add = (answer: PassingAnswer) =>
      answer.path === '/api/health' && changeJson(answer, (body) => (body.extra = 1));
    const lenient = await verifyWrong(['rest/health'], add);
    expect(lenient.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(lenient.notes).toMatchObject([{ where: 'getHealth 200', expected: expect.stringContaining('extra') }]);
    const { outcomes } = await verifyWrong(['rest/health'], add, { strict: true });
    const failed = outcomes.filter(({ status }) => status === 'failed').map(({ rule }) => nameOf(rule));
    expect(failed).toEqual(['rest/answer-body (getHealth)']);
  });
});

describe('a run', () => {
  it('waits where the server says 429, and goes on', async () => {
    let refused = 0;
    const { verdict } = await verifyWrong(['rest/health'], (answer) => {
      if (answer.path !== '/api/health' || refused > 1) return;
      refused += 1;
      Object.assign(answer, { status: 429, headers: { ...answer.headers, 'retry-after': '0' } });
      answer.body = JSON.stringify({
        code: 'TooManyRequests',
        message: 'Slowly.',
        timestamp: 1,
        request_id: answer.headers['x-request-id'],
      });
    });
    expect(refused).toBe(2);
    expect(verdict.failed).toBe(0);
  });

  it('says what is missing for rules that take more than it has', async () => {
    const { outcomes, verdict } = await verifyServer({
      level: 'full',
      rules: ['rest/other-account-list', 'rest/restart-log'],
    });
    expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual([
      ['not_exercised', expect.stringContaining('--token2')],
      ['not_exercised', expect.stringContaining('--restart')],
    ]);
    expect(verdict).toMatchObject({ exitCode: 2, reached: null });
  });

  it.each([
    [{ url: 'ftp://127.0.0.1' }, /expected the address of a server/],
    [{ url: 'http://127.0.0.1:1' }, /cannot be reached: connect ECONNREFUSED/],
    [{ token: 'parley_unknown' }, /does not know the token/],
    [{ cwd: '/var/tmp' }, /refuses the folder of the kit.*--cwd/],
    [{ agent: 'nobody' }, /has no agent nobody.*--agent/],
  ])('does not begin with %j', async (options, message) => {
    const run = verifyServer(options);
    await expect(run).rejects.toThrow(CannotVerify);
    await expect(run).rejects.toThrow(message);
  });

  it('that is stopped purges its sessions', async () => {
    const stop = new AbortController();
    const { outcomes } = await verifyServer({ signal: stop.signal, onOutcome: () => stop.abort() });
    expect(outcomes.some(({ reason }) => reason === 'the run was stopped')).toBe(true);
    const list = await fetch(`${server.url}/api/sessions`, { headers: { Authorization: `Bearer ${server.token}` } });
    expect(await list.json()).toMatchObject({ sessions: [] });
  });
});
