import { randomUUID } from 'node:crypto';
import type { Rule } from '../rule.js';
import { startConversation } from './conversation.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

const FORK = 'openapi.yaml#/paths/~1api~1sessions~1{session_id}~1fork/post';

/** Forks of sessions. An agent that cannot fork has to be refused as one. */
export const forkRules: readonly Rule[] = [
  {
    id: 'rest/fork',
    level: 'agent',
    title: 'A fork has the settings of its session, says where it comes from, and is made once for a key.',
    source: FORK,
    promise: 4,
    async run(world) {
      const settings = { title: 'One', metadata: { a: 1 }, approval_timeout: 1_234_000 };
      const talk = await startConversation(world, settings);
      const turn_id = await talk.say('/plan');
      await talk.waitFor('turn_completed', { turn_id });
      const event_id = Number(field((await talk.getSession()).json, 'latest_event_id'));
      const early = await talk.call('POST', '/fork', { after_event_id: event_id - 1 });
      if (early.status !== 422 || field(early.json, 'details', 0, 'pointer') === undefined) {
        expectAnswer(early, { status: 422, code: 'UnsupportedByAgent' });
        return;
      }
      expectAnswer(early, { status: 422, code: 'UnsupportedByAgent', pointer: '/body/after_event_id' });
      const key = randomUUID();
      const forked = await talk.call('POST', '/fork', { after_event_id: event_id }, key);
      expectAnswer(forked, { status: 201 });
      const forked_from = { session_id: talk.session_id, event_id };
      expectFields(forked, { ...settings, cwd: talk.cwd, forked_from, status: 'idle', workspace: 'direct' });
      const id = field(forked.json, 'session_id');
      const location = forked.headers.get('location');
      const url = field(forked.json, 'http_url');
      expectThat(location === url, forked, { expected: `Location ${url}`, got: show(location) });
      const again = await talk.call('POST', '/fork', { after_event_id: event_id }, key);
      expectAnswer(again, { status: 201 });
      expectFields(again, { session_id: id });
      const path = `/api/sessions/${id}`;
      const first = await world.call({ path: `${path}/history?limit=1` });
      expectFields(
        { ...first, json: field(first.json, 'items', 0, 'payload') },
        { type: 'session_created', forked_from },
      );
      const listed = await world.call({ path: '/api/sessions?limit=100' });
      const sessions = field(listed.json, 'sessions');
      const inList = Array.isArray(sessions) && sessions.find((one) => field(one, 'session_id') === id);
      expectFields({ ...listed, json: inList || null }, { forked_from });
      const message = { type: 'user_message', content: '/refuse' };
      expectAnswer(await world.call({ method: 'POST', path: `${path}/submit`, json: message }), { status: 200 });
      expectFields(await talk.getSession(), { status: 'idle', latest_event_id: event_id });
    },
  },
  {
    id: 'rest/fork-isolated',
    level: 'agent',
    title: 'The fork of a session in a copy has a copy of its own with the same patch.',
    source: FORK,
    promise: 7,
    async run(world) {
      const talk = await startConversation(world, { workspace: 'isolated' });
      const turn_id = await talk.say('Write a sort function');
      await talk.waitFor('turn_completed', { turn_id });
      const patch = await talk.call('GET', '/patch');
      expectAnswer(patch, { status: 200 });
      const forked = await talk.call('POST', '/fork', {});
      if (forked.status === 422) return expectAnswer(forked, { status: 422, code: 'UnsupportedByAgent' });
      expectAnswer(forked, { status: 201 });
      const path = `/api/sessions/${field(forked.json, 'session_id')}`;
      const copied = await world.call({ path: `${path}/patch` });
      expectAnswer(copied, { status: 200 });
      expectFields(copied, { diff: field(patch.json, 'diff') });
      expectAnswer(await world.call({ method: 'DELETE', path: talk.path }), { status: 204 });
      const applied = await world.call({ method: 'POST', path: `${path}/apply_patch`, json: {} });
      expectAnswer(applied, { status: 200, to: 'for the patch of the fork, when its session is closed' });
    },
  },
  {
    id: 'rest/fork-busy',
    level: 'agent',
    title: 'A session is not forked while a turn runs.',
    source: FORK,
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/wait');
      await talk.waitFor('turn_started', { turn_id });
      const answer = await talk.call('POST', '/fork', {});
      if (answer.status === 422) return expectAnswer(answer, { status: 422, code: 'UnsupportedByAgent' });
      expectAnswer(answer, { status: 409, code: 'SessionBusy' });
    },
  },
];
