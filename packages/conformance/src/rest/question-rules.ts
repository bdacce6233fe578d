import { randomUUID } from 'node:crypto';
import { BrokenRule, NotExercised } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import { part, startConversation } from './conversation.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

/** Questions of an agent: approvals and elicitations. */
export const questionRules: readonly Rule[] = [
  {
    id: 'rest/approval',
    level: 'agent',
    title:
      'An approval waits in the session until it is answered; the first answer counts, the second is ApprovalResolved.',
    source: 'PROTOCOL.md#**Two answers to one approval.**',
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/approve');
      const asked = part(await talk.waitFor('approval_requested', { turn_id }), 'approval');
      const { approval_id } = asked;
      const info = await talk.getSession();
      expectFields(info, { status: 'awaiting_approval', turn_id });
      const pending = field(info.json, 'pending_approvals', 0, 'approval_id');
      expectThat(pending === approval_id, info, { expected: `a pending approval ${approval_id}`, got: show(pending) });
      const answer = { type: 'approval', approval_id };
      for (const wrong of [{}, { decision: 'allow_once', option_id: 'allow' }]) {
        const refused = await talk.submit({ ...answer, ...wrong });
        expectAnswer(refused, {
          status: 400,
          code: 'InvalidRequest',
          to: 'with not exactly one of option_id and decision',
        });
      }
      const option = await talk.submit({ ...answer, option_id: 'no-such-option' });
      expectAnswer(option, { status: 400, code: 'InvalidRequest', pointer: '/body/option_id' });
      const unknown = await talk.submit({ ...answer, approval_id: randomUUID(), decision: 'allow_once' });
      expectAnswer(unknown, { status: 404, code: 'ApprovalNotFound' });
      expectAnswer(await talk.submit({ ...answer, decision: 'allow_once' }), { status: 200 });
      const resolved = await talk.waitFor('approval_resolved', { approval_id });
      expectEvent(resolved, { by: 'user', outcome: 'selected', decision: 'allow_once' });
      const late = await talk.submit({ ...answer, decision: 'reject_once' });
      expectAnswer(late, { status: 409, code: 'ApprovalResolved' });
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
      expectFields(await talk.getSession(), { status: 'idle', pending_approvals: [] });
    },
  },
  {
    id: 'rest/approval-rejected',
    level: 'agent',
    title: 'A command that is rejected is not run.',
    source: 'openapi.yaml#/components/schemas/ApprovalSubmission',
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/approve');
      const { approval_id } = part(await talk.waitFor('approval_requested', { turn_id }), 'approval');
      expectAnswer(await talk.submit({ type: 'approval', approval_id, decision: 'reject_once' }), { status: 200 });
      expectEvent(await talk.waitFor('approval_resolved', { approval_id }), { by: 'user', decision: 'reject_once' });
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
      const log = JSON.stringify(await talk.events());
      if (!log.includes('"approved')) return;
      throw new BrokenRule({ expected: 'no output of the command that was rejected', got: 'its output' });
    },
  },
  {
    id: 'rest/approval-timeout',
    level: 'agent',
    title: 'An approval that nobody answers is rejected after approval_timeout, and the turn goes on.',
    source: 'PROTOCOL.md#An approval that nobody answers',
    promise: 6,
    async run(world) {
      const talk = await startConversation(world, { approval_timeout: 1_000 });
      const turn_id = await talk.say('/approve');
      const { approval_id, requested_at, expires_at } = part(await talk.waitFor('approval_requested'), 'approval');
      if (Number(expires_at) - Number(requested_at) !== 1_000) {
        const got = `${Number(expires_at) - Number(requested_at)}`;
        throw new BrokenRule({ expected: 'expires_at 1000 ms after requested_at', got });
      }
      expectEvent(await talk.waitFor('approval_resolved', { approval_id }), { by: 'timeout' });
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
    },
  },
  ...(['auto', 'deny'] as const).map(policyRule),
  {
    id: 'rest/approval-rules',
    level: 'agent',
    title:
      'The first rule of a session that fits answers, and is named; what none fits is asked. A path with .. is refused.',
    source: 'PROTOCOL.md#**An approval by rule.**',
    async run(world) {
      const approval_rules = [
        { path: '**', action: 'reject_once' },
        { command: 'npm *', action: 'reject_once' },
        { command: 'node -e *', action: 'reject_once' },
        { kind: 'execute', action: 'ask' },
      ];
      const talk = await startConversation(world, { approval_rules });
      expectFields(await talk.getSession(), { approval_rules });
      const created = await talk.waitFor('session_created');
      if (show(created.approval_rules) !== show(approval_rules)) {
        throw new BrokenRule({ expected: 'session_created with the rules', got: show(created.approval_rules) });
      }
      const turn_id = await talk.say('/approve');
      const asked = part(await talk.waitFor('approval_requested', { turn_id }), 'approval');
      const resolved = await talk.waitFor('approval_resolved', { approval_id: asked.approval_id });
      expectEvent(resolved, { by: 'policy', outcome: 'selected', decision: 'reject_once' });
      const rule = { of: 'session', index: 2 };
      for (const [name, value] of Object.entries(rule))
        expectEvent({ type: 'rule', ...part(resolved, 'rule') }, { [name]: value });
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
      const refused = await world.call({
        method: 'POST',
        path: '/api/sessions',
        json: {
          cwd: await world.createFolder(),
          approval_rules: [approval_rules[0], { path: '../**', action: 'ask' }],
        },
      });
      expectAnswer(refused, { status: 400, code: 'InvalidRequest', pointer: '/body/approval_rules/1/path' });
    },
  },
  {
    id: 'rest/elicitation',
    level: 'agent',
    title: 'A question waits for answers that fit it; the first counts, the second is ApprovalResolved.',
    source: 'openapi.yaml#/components/schemas/ElicitationSubmission',
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/ask');
      const { elicitation_id } = part(await talk.waitFor('elicitation_requested'), 'elicitation');
      const info = await talk.getSession();
      expectFields(info, { status: 'awaiting_approval' });
      const pending = field(info.json, 'pending_elicitations', 0, 'elicitation_id');
      expectThat(pending === elicitation_id, info, {
        expected: `a pending question ${elicitation_id}`,
        got: show(pending),
      });
      const accept = { type: 'elicitation', elicitation_id, action: 'accept' };
      const unfit = await talk.submit({ ...accept, content: { language: 'COBOL' } });
      expectAnswer(unfit, { status: 400, code: 'InvalidRequest', to: 'with an answer that is none of those offered' });
      const unknown = await talk.submit({ ...accept, elicitation_id: randomUUID(), content: {} });
      expectAnswer(unknown, { status: 404, code: 'ApprovalNotFound' });
      expectAnswer(await talk.submit({ ...accept, content: { language: 'Rust' } }), { status: 200 });
      const resolved = await talk.waitFor('elicitation_resolved', { elicitation_id });
      expectEvent(resolved, { by: 'user', action: 'accept' });
      const late = await talk.submit({ type: 'elicitation', elicitation_id, action: 'cancel' });
      expectAnswer(late, { status: 409, code: 'ApprovalResolved' });
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
      expectFields(await talk.getSession(), { status: 'idle', pending_elicitations: [] });
    },
  },
  {
    id: 'rest/question-interrupted',
    level: 'agent',
    title: 'A question that waits for an answer is resolved when its turn ends.',
    source: 'openapi.yaml#/components/schemas/ResolvedBy',
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/approve');
      const { approval_id } = part(await talk.waitFor('approval_requested'), 'approval');
      await talk.submit({ type: 'interrupt' });
      await talk.waitFor('turn_completed', { turn_id, status: 'interrupted' });
      expectEvent(await talk.waitFor('approval_resolved', { approval_id }), { outcome: 'cancelled' });
      expectFields(await talk.getSession(), { status: 'idle', pending_approvals: [] });
    },
  },
];

function policyRule(policy: 'auto' | 'deny'): Rule {
  const decision = policy === 'auto' ? 'allow_once' : 'reject_once';
  return {
    id: 'rest/approval-policy',
    subject: policy,
    level: 'agent',
    title: 'With the policies auto and deny the server answers by itself, right after the question.',
    source: 'PROTOCOL.md#**An approval by policy.**',
    async run(world) {
      const talk = await startConversation(world, { approval_policy: policy }).catch(skipIfForbidden);
      const turn_id = await talk.say('/approve');
      const asked = await talk.waitFor('approval_requested', { turn_id });
      const resolved = await talk.waitFor('approval_resolved', { approval_id: part(asked, 'approval').approval_id });
      expectEvent(resolved, { by: 'policy', outcome: 'selected', decision });
      const events = await talk.events();
      const [first, second] = [events.indexOf(asked), events.indexOf(resolved)];
      const between = events.slice(first + 1, second).map(({ type }) => type);
      if (between.length > 0)
        throw new BrokenRule({ expected: 'the answer right after the question', got: show(between) });
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
    },
  };
}

/** The operator may have forbidden this policy, which is not a fault of the server. */
function skipIfForbidden(error: unknown): never {
  const answer = error instanceof BrokenRule ? error.facts.exchange : undefined;
  const isNamed = field(answer?.json, 'details', 0, 'pointer') === '/body/approval_policy';
  if (answer?.status === 400 && isNamed) throw new NotExercised('the operator allows no such approval_policy');
  throw error;
}

function expectEvent(event: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (event[name] === value) continue;
    throw new BrokenRule({ expected: `${event.type} with ${name} ${show(value)}`, got: show(event[name]) });
  }
}
