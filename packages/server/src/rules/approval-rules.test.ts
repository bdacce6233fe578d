import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PermissionRequest } from '@parleyhq/agents';
import type { ApprovalPolicy, ApprovalRule, ToolCallItem } from '@parleyhq/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, is, last, openHost, owner, type TestHostOptions } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';
import { startServer } from '../../test/start-server.js';
import { decideByRules } from './approval-rules.js';

let top: string;
let cwd: string;
let folder: string;
beforeAll(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'parley-rules-')));
  [cwd, folder] = [join(top, 'project'), join(top, 'copy')];
  for (const place of [cwd, folder]) await mkdir(join(place, 'src'), { recursive: true });
  await symlink(top, join(cwd, 'src/out'));
  await symlink(top, join(folder, 'src/away'));
});
afterAll(() => rm(top, { recursive: true }));

type Asked = Partial<Pick<ToolCallItem, 'kind' | 'raw_input'>> & {
  files?: string[];
  edits?: string[];
  omitted?: number;
};

function requestFor({ kind = 'edit', raw_input, files = [], edits = [], omitted = 0 }: Asked): PermissionRequest {
  const locations = files.map((path) => ({ path }));
  return {
    turnId: 'turn',
    toolCall: {
      ...{ type: 'tool_call', item_id: 'item', tool_call_id: 'call', title: 'call', status: 'pending', content: [] },
      ...{ kind, locations, raw_input },
    },
    options: [],
    edits: edits.map((path) => ({ path, oldText: null, newText: null })),
    editsOmitted: omitted,
  };
}

/** What one rule of a session does with a request: whether it fits. */
async function fits(rule: ApprovalRule, asked: Asked, inCopy = false): Promise<boolean> {
  const places = { cwd, folder: inCopy ? folder : cwd };
  return (
    (await decideByRules(requestFor(asked), { operator: [], session: [rule], most: 'auto', places })) !== undefined
  );
}

/** Whether a rule with this pattern allows, and whether it rejects. */
const both = async (pattern: Partial<ApprovalRule>, asked: Asked, inCopy = false) => [
  await fits({ ...pattern, action: 'allow_once' }, asked, inCopy),
  await fits({ ...pattern, action: 'reject_once' }, asked, inCopy),
];

describe('a rule for files', () => {
  it('allows where all fit, and rejects where one does', async () => {
    const path = 'src/**';
    expect(await both({ path }, { files: ['src/a.ts'], edits: [join(cwd, 'src/b.ts')] })).toEqual([true, true]);
    expect(await both({ path }, { files: ['src/a.ts', 'b.ts'] })).toEqual([false, true]);
    expect(await both({ path }, { files: ['src/a.ts'], edits: ['b.ts'] })).toEqual([false, true]);
    expect(await both({ path }, { files: ['b.ts'] })).toEqual([false, false]);
    expect(await both({ path }, {})).toEqual([false, false]);
  });

  it('does not allow what has more files than can be compared, and rejects it', async () => {
    const many = Array.from({ length: 65 }, (_, n) => `src/${n}`);
    expect(await both({ path: 'src/**' }, { files: many })).toEqual([false, true]);
    expect(await both({ path: 'src/**' }, { files: ['src/a'], omitted: 1 })).toEqual([false, true]);
    expect(await both({ path: 'src/**' }, { files: ['src/a', `src/${'x/'.repeat(600)}`] })).toEqual([false, true]);
  });

  it('compares resolved paths: dots, links, and files outside as absolute ones', async () => {
    expect(await both({ path: 'src/**' }, { files: ['src/../b.ts'] })).toEqual([false, false]);
    expect(await both({ path: './src/' }, { files: ['./x/../src/b.ts'] })).toEqual([true, true]);
    expect(await both({ path: '**' }, { files: ['/etc/passwd'] })).toEqual([false, false]);
    expect(await both({ path: '**' }, { files: ['../other'] })).toEqual([false, false]);
    expect(await both({ path: '/etc/**' }, { files: ['/etc/passwd'] })).toEqual([true, true]);
    expect(await both({ path: `${cwd}/src/*` }, { files: ['src/a.ts'] })).toEqual([true, true]);
    expect(await both({ path: 'src/**' }, { files: ['src/out/secret'] })).toEqual([false, true]);
    expect(await both({ path: 'src/**' }, { files: ['src/out/project/src/a.ts'] })).toEqual([true, true]);
    expect(await both({ path: `${top}/*` }, { files: ['src/out/secret'] })).toEqual([true, true]);
  });

  it('follows links where the agent works, in a copy too', async () => {
    expect(await both({ path: 'src/**' }, { files: [join(cwd, 'src/a.ts')] }, true)).toEqual([true, true]);
    expect(await both({ path: 'src/**' }, { files: ['src/away/secret'] }, true)).toEqual([false, true]);
    expect(await both({ path: 'src/**' }, { files: ['src/out/secret'] }, true)).toEqual([true, true]);
  });

  it('allows no command that names the file, unless it names the kind', async () => {
    const asked = { kind: 'execute', raw_input: { command: 'rm -rf /' }, files: ['src/a.ts'] } as const;
    expect(await both({ path: 'src/**' }, { ...asked, files: ['src/a.ts'] })).toEqual([false, true]);
    expect(await both({ path: 'src/**', kind: 'execute' }, { ...asked, files: ['src/a.ts'] })).toEqual([true, true]);
    expect(await both({ path: 'src/**', kind: 'read' }, { ...asked, files: ['src/a.ts'] })).toEqual([false, false]);
  });
});

describe('a rule for commands', () => {
  const run = (command: unknown): Asked => ({ kind: 'execute', raw_input: { command } });

  it('reads them as agents give them', async () => {
    const rule = { command: 'npm test*' };
    expect(await both(rule, run('npm test -- a'))).toEqual([true, true]);
    expect(await both(rule, run(['npm', 'test']))).toEqual([true, true]);
    expect(await both(rule, run(['bash', '-lc', 'npm test']))).toEqual([true, true]);
    expect(await both(rule, { kind: 'execute', raw_input: { command: 'npm', args: ['test'] } })).toEqual([true, true]);
    expect(await both(rule, run(['./bash', '-lc', 'npm test']))).toEqual([false, false]);
    expect(await both(rule, { ...run('npm test'), kind: 'other' })).toEqual([false, false]);
  });

  it('allows one whole command, and rejects where one of several fits', async () => {
    const rule = { command: 'rm *' };
    expect(await both(rule, run('rm a'))).toEqual([true, true]);
    for (const command of ['rm a; ls', 'ls && rm  a', 'ls | rm a', 'echo $(rm a)', 'ls\nrm a', 'echo `rm a`']) {
      expect([command, ...(await both(rule, run(command)))]).toEqual([command, false, true]);
    }
    expect(await both(rule, run(['bash', '-c', 'ls; rm a']))).toEqual([false, true]);
  });

  it('does not allow a command that it does not know, and rejects it', async () => {
    const rule = { command: '*' };
    expect(await both(rule, { kind: 'execute' })).toEqual([false, true]);
    expect(await both(rule, run('x'.repeat(5_000)))).toEqual([false, true]);
    expect(await both(rule, run(['a', 1]))).toEqual([false, true]);
    expect(await both(rule, { kind: 'execute', raw_input: 'ls' })).toEqual([false, true]);
  });
});

describe('of several rules', () => {
  const decide = (
    operator: ApprovalRule[],
    session: ApprovalRule[],
    most: ApprovalPolicy = 'auto',
  ): ReturnType<typeof decideByRules> =>
    decideByRules(requestFor({ files: ['src/a.ts'] }), { operator, session, most, places: { cwd, folder: cwd } });
  const allow: ApprovalRule = { kind: 'edit', action: 'allow_once' };
  const reject: ApprovalRule = { path: 'src/**', action: 'reject_once' };
  const ask: ApprovalRule = { kind: 'edit', path: 'src/*', action: 'ask' };
  const other: ApprovalRule = { kind: 'read', action: 'reject_once' };

  it('the first that fits decides', async () => {
    expect(await decide([], [other, allow, reject])).toEqual({
      action: 'allow_once',
      rule: { of: 'session', index: 1 },
    });
    expect(await decide([other, ask, allow], [])).toEqual({ action: 'ask', rule: { of: 'operator', index: 1 } });
    expect(await decide([other], [other])).toBeUndefined();
  });

  it("the operator's rejection comes first, then the session's, then the operator's others", async () => {
    expect(await decide([other, reject], [allow])).toEqual({
      action: 'reject_once',
      rule: { of: 'operator', index: 1 },
    });
    expect(await decide([allow], [reject])).toEqual({ action: 'reject_once', rule: { of: 'session', index: 0 } });
    expect(await decide([ask], [allow])).toEqual({ action: 'allow_once', rule: { of: 'session', index: 0 } });
    expect(await decide([allow], [other])).toEqual({ action: 'allow_once', rule: { of: 'operator', index: 0 } });
  });

  it('those of a session allow no more than the operator does by now', async () => {
    const rule = { of: 'session', index: 0 };
    expect(await decide([], [allow], 'ask')).toEqual({ action: 'ask', rule });
    expect(await decide([], [allow], 'deny')).toEqual({ action: 'reject_once', rule });
    expect(await decide([], [ask], 'deny')).toEqual({ action: 'reject_once', rule });
    expect(await decide([allow], [], 'deny')).toEqual({ action: 'allow_once', rule: { of: 'operator', index: 0 } });
  });
});

describe('in a session', () => {
  const open = async (settings: object, options: TestHostOptions = {}) => {
    const opened = await openHost(undefined, { ...scripted(), ...options });
    const { host, cwd, say, until } = opened;
    const { session_id: id } = await host.create(owner, { cwd, ...settings });
    const outcome = async (asked: object) => {
      const { answer } = await say(id, `request ${JSON.stringify(asked)}`);
      const done = (event: { type: string; turn_id?: string }) =>
        event.turn_id === answer.turn_id && ['approval_resolved', 'turn_completed'].includes(event.type);
      const asking = () => host.get(owner, id).pending_approvals.length > 0;
      const events = await until(id, (event) => done(event) || (is('approval_requested')(event) && asking()));
      if (asking()) {
        await host.submit(owner, id, { type: 'interrupt' });
        await until(id, endOf(answer.turn_id));
        return 'asked';
      }
      await until(id, endOf(answer.turn_id));
      return last(events, 'approval_resolved');
    };
    return { ...opened, id, outcome };
  };
  const npmTest = { kind: 'execute', rawInput: { command: 'npm test' } };

  it('they are shown, and answer before the policy, which has what no rule fits', async () => {
    const approval_rules: ApprovalRule[] = [
      { command: 'npm test*', action: 'allow_once' },
      { path: '.git/**', action: 'reject_once' },
    ];
    const { host, id, until, outcome } = await open({ approval_rules });
    expect(host.get(owner, id).approval_rules).toEqual(approval_rules);
    expect(last(await until(id, is('session_created')), 'session_created')).toMatchObject({ approval_rules });
    expect(await outcome(npmTest)).toMatchObject({
      ...{ by: 'policy', outcome: 'selected', decision: 'allow_once' },
      rule: { of: 'session', index: 0 },
    });
    expect(await outcome({ kind: 'edit', locations: [{ path: '.git/config' }] })).toMatchObject({
      ...{ by: 'policy', decision: 'reject_once' },
      rule: { of: 'session', index: 1 },
    });
    expect(await outcome({ kind: 'edit', locations: [{ path: 'a.txt' }] })).toBe('asked');
  });

  it("a person is asked where a rule says so, whatever the policy; else the policy's answer names no rule", async () => {
    const { outcome } = await open({ approval_policy: 'auto', approval_rules: [{ kind: 'execute', action: 'ask' }] });
    expect(await outcome(npmTest)).toBe('asked');
    const byPolicy = await outcome({ kind: 'read' });
    expect(byPolicy).toMatchObject({ by: 'policy', decision: 'allow_once' });
    expect(byPolicy).not.toHaveProperty('rule');
  });

  it('of the operator reach all sessions, and what they reject no session allows', async () => {
    const approvalRules: ApprovalRule[] = [{ command: 'npm *', action: 'reject_once' }];
    const approval_rules: ApprovalRule[] = [{ kind: 'execute', action: 'allow_once' }];
    const { outcome } = await open({ approval_policy: 'auto', approval_rules }, { approvalRules });
    expect(await outcome(npmTest)).toMatchObject({ decision: 'reject_once', rule: { of: 'operator', index: 0 } });
  });

  it('no rule answers a question that has several ways to allow', async () => {
    const { host, id, say, until } = await open({ approval_rules: [{ kind: 'other', action: 'allow_once' }] });
    await say(id, 'choose');
    await until(id, is('approval_requested'));
    expect(host.get(owner, id).pending_approvals).toHaveLength(1);
  });
});

describe('rules that make no sense', () => {
  it('are refused, and named', async () => {
    const { send, project } = await startServer({ maxApprovalPolicy: 'ask' });
    const cases = [
      [
        [
          { kind: 'read', action: 'ask' },
          { kind: 'read', action: 'allow_once' },
        ],
        '/body/approval_rules/1/action',
      ],
      [[{ path: 'a/../b', action: 'ask' }], '/body/approval_rules/0/path'],
      [[{ action: 'ask' }], '/body/approval_rules/0'],
      [Array.from({ length: 65 }, () => ({ kind: 'read', action: 'ask' })), '/body/approval_rules'],
    ];
    for (const [approval_rules, pointer] of cases) {
      const { status, body } = await send('POST', '/api/sessions', { body: { cwd: project, approval_rules } });
      expect([status, body]).toMatchObject([400, { code: 'InvalidRequest', details: [{ pointer }] }]);
    }
  });

  it('of the operator keep the server from starting', async () => {
    const start = (approvalRules: ApprovalRule[]) => startServer({ approvalRules });
    await expect(start([{ path: '../x', action: 'ask' }])).rejects.toThrow('rule 0/path: expected a path without ..');
    await expect(start([{ action: 'ask' }])).rejects.toThrow('rule 0: expected kind, command or path, got none');
  });
});
