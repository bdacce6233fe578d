import { BrokenRule } from '../broken-rule.js';
import { variantsOf } from '../documents/variants.js';
import type { Rule } from '../rule.js';
import { type Conversation, type LoggedEvent, part, startConversation } from './conversation.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

/** How scenarios of the demo agent end, by name. */
const ENDS = {
  crash: { status: 'failed', cause: 'agent_exited' },
  fail: { status: 'failed', cause: 'agent_error' },
  limit: { status: 'limit_reached', cause: 'max_tokens' },
  refuse: { status: 'refused', cause: 'refusal' },
};

/** The types of events that belong to a turn: those that require a turn_id. */
const TURN_EVENTS = variantsOf('Event')
  .filter(({ required }) => required.includes('turn_id'))
  .map(({ type }) => type);

/** `maxItems` of `queued_turns`: the contract cannot describe a session with a longer queue. */
export const MAX_QUEUED = 1_024;

/** Turns: what they consist of, how they end, and how a user interrupts them. */
export const turnRules: readonly Rule[] = [
  {
    id: 'rest/turn',
    level: 'agent',
    title: 'A turn is accepted, started, has items, and is completed once; all its events carry its turn_id.',
    source: 'PROTOCOL.md#**A turn.**',
    promise: 1,
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/plan');
      await talk.waitFor('turn_completed', { turn_id, status: 'completed', cause: 'end_turn' });
      const events = await talk.events();
      const types = events.map(({ type }) => type);
      const [accepted, started, completed] = ['submission_accepted', 'turn_started', 'turn_completed'].map((type) =>
        types.indexOf(type),
      );
      expectLog(Number(accepted) < Number(started) && Number(started) < Number(completed), {
        expected: 'submission_accepted, then turn_started, then turn_completed',
        got: types.join(', '),
      });
      const ends = types.filter((type) => type === 'turn_completed');
      expectLog(ends.length === 1, { expected: 'one turn_completed', got: `${ends.length}` });
      const inside = events
        .slice(Number(started), Number(completed) + 1)
        .filter(({ type }) => TURN_EVENTS.includes(type));
      const foreign = inside.find((event) => event.turn_id !== turn_id);
      expectLog(foreign === undefined, { expected: `turn_id ${turn_id} in the turn`, got: show(foreign) });
      for (const type of ['plan_updated', 'item_started', 'item_delta', 'item_completed']) {
        expectLog(types.includes(type), { expected: `an event ${type}`, got: types.join(', ') });
      }
      checkItems(events);
      const info = await talk.getSession();
      expectFields(info, { status: 'idle', turn_id: null, queued_turns: [] });
    },
  },
  ...Object.entries(ENDS).map(endRule),
  {
    id: 'rest/interrupt',
    level: 'agent',
    title: 'An interrupt ends the running turn as interrupted; if no turn runs it does nothing.',
    source: 'PROTOCOL.md#**The user interrupts.**',
    promise: 6,
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/wait');
      await talk.waitFor('item_started', { turn_id });
      expectFields(await talk.getSession(), { status: 'running', turn_id });
      const other = await talk.submit({ type: 'interrupt', turn_id: '00000000-0000-4000-8000-000000000000' });
      expectAnswer(other, { status: 200, to: 'to interrupt a turn that does not exist' });
      expectFields(await talk.getSession(), { status: 'running', turn_id });
      expectAnswer(await talk.submit({ type: 'interrupt' }), { status: 200 });
      await talk.waitFor('turn_completed', { turn_id, status: 'interrupted', cause: 'interrupted' });
      await expectNextTurn(talk);
    },
  },
  {
    id: 'rest/agent-turn',
    level: 'agent',
    title:
      'What an agent does when nothing was asked is a turn that it began; it asks, ends, and makes no message wait.',
    source: 'PROTOCOL.md#**The agent speaks by itself**',
    promise: 6,
    async run(world) {
      const talk = await startConversation(world);
      const first = await talk.say('/background');
      await talk.waitFor('turn_completed', { turn_id: first, status: 'completed' });
      const { turn_id, submission_id } = await talk.waitFor('turn_started', { origin: 'agent' });
      expectLog(turn_id !== first && submission_id === turn_id, {
        expected: 'a turn_id of its own, which submission_id equals',
        got: show({ turn_id, submission_id }),
      });
      const { approval_id } = part(await talk.waitFor('approval_requested', { turn_id }), 'approval');
      expectFields(await talk.getSession(), { status: 'awaiting_approval', turn_id });
      expectAnswer(await talk.submit({ type: 'approval', approval_id, decision: 'allow_once' }), { status: 200 });
      await talk.waitFor('approval_resolved', { approval_id, by: 'user', decision: 'allow_once' });
      await expectNextTurn(talk);
      const events = await talk.events();
      const order = events.filter(({ type }) => /^turn_/.test(type)).map((event) => `${event.type} ${event.turn_id}`);
      const expected = [`turn_started ${turn_id}`, `turn_completed ${turn_id}`];
      const got = order.filter((entry) => entry.endsWith(` ${turn_id}`));
      expectLog(show(got) === show(expected), { expected: expected.join(', '), got: got.join(', ') });
      expectLog(order.at(-1) !== expected[1], {
        expected: 'its end before the turn of the next message',
        got: order.join(', '),
      });
      // What the agent goes on to say may have begun another turn.
      checkItems(events.filter((event) => order.includes(`turn_completed ${event.turn_id}`)));
    },
  },
  {
    id: 'rest/queue',
    level: 'agent',
    title: 'Messages that come while a turn runs are queued in order; interrupt removes one, with clear_queue all.',
    source: 'PROTOCOL.md#**A message while a turn runs**',
    async run(world) {
      const talk = await startConversation(world);
      const running = await talk.say('/wait');
      await talk.waitFor('turn_started', { turn_id: running });
      const queued = [await talk.say('/refuse'), await talk.say('/plan'), await talk.say('/limit')];
      await expectQueue(talk, queued);
      await talk.submit({ type: 'interrupt', turn_id: queued[1] });
      await talk.waitFor('turn_completed', { turn_id: queued[1], status: 'interrupted' });
      await expectQueue(talk, [queued[0], queued[2]]);
      await talk.submit({ type: 'interrupt', clear_queue: true });
      for (const turn_id of [queued[0], queued[2], running]) {
        await talk.waitFor('turn_completed', { turn_id, status: 'interrupted' });
      }
      const started = (await talk.events()).filter(({ type }) => type === 'turn_started').map((event) => event.turn_id);
      expectLog(started.join() === running, { expected: 'no turn_started of a queued turn', got: show(started) });
      await expectQueue(talk, []);
      await expectNextTurn(talk);
    },
  },
  {
    id: 'rest/queue-order',
    level: 'agent',
    title: 'Queued turns run one after another, in the order in which they came.',
    source: 'PROTOCOL.md#**A message while a turn runs**',
    async run(world) {
      const talk = await startConversation(world);
      const turns: string[] = [];
      for (const message of ['/refuse', '/limit', '/refuse']) turns.push(await talk.say(message));
      await talk.waitFor('turn_completed', { turn_id: turns.at(-1) });
      const order = (await talk.events()).filter(({ type }) => /^turn_/.test(type));
      const said = order.map(({ type, turn_id }) => `${type} ${turns.indexOf(String(turn_id)) + 1}`).join(', ');
      const expected = turns.map((_, index) => `turn_started ${index + 1}, turn_completed ${index + 1}`).join(', ');
      expectLog(said === expected, { expected, got: said });
    },
  },
  {
    id: 'rest/delivery',
    level: 'agent',
    title:
      'A message that interrupts ends the running turn and is the next; one that steers is taken into it, or refused.',
    source: 'openapi.yaml#/components/schemas/UserMessageSubmission/properties/delivery',
    async run(world) {
      const talk = await startConversation(world);
      const running = await talk.say('/wait');
      await talk.waitFor('turn_started', { turn_id: running });
      const steer = await talk.submit({ type: 'user_message', content: 'faster', delivery: 'steer' });
      if (steer.status === 422) {
        expectAnswer(steer, { status: 422, code: 'UnsupportedByAgent', pointer: '/body/delivery' });
      } else {
        expectAnswer(steer, { status: 200 });
        const turn_id = field(steer.json, 'turn_id');
        await talk.waitFor('submission_accepted', { turn_id, steers: running });
        await talk.waitFor('turn_completed', { turn_id, status: 'completed', cause: 'steered' });
      }
      const queued = await talk.say('/refuse');
      const urgent = await talk.submit({ type: 'user_message', content: '/limit', delivery: 'interrupt' });
      expectAnswer(urgent, { status: 200 });
      await talk.waitFor('turn_completed', { turn_id: running, status: 'interrupted', cause: 'interrupted' });
      await talk.waitFor('turn_completed', { turn_id: queued });
      const started = (await talk.events()).filter(({ type }) => type === 'turn_started').map((event) => event.turn_id);
      const expected = [running, field(urgent.json, 'turn_id'), queued].join(', ');
      expectLog(started.join(', ') === expected, { expected: `turn_started ${expected}`, got: started.join(', ') });
    },
  },
  {
    id: 'rest/budget',
    level: 'agent',
    title: 'A budget of turns is shown; when it is spent, turns end as limit_reached, cause budget, and never start.',
    source: 'PROTOCOL.md#**The budget is spent.**',
    promise: 6,
    async run(world) {
      const budget = { turns: 1, tokens: 1_000_000_000 };
      const talk = await startConversation(world, { budget });
      expectFields(await talk.getSession(), { budget });
      const created = await talk.waitFor('session_created');
      expectLog(show(created.budget) === show(budget), {
        expected: `session_created with budget ${show(budget)}`,
        got: show(created.budget),
      });
      const first = await talk.say('/refuse');
      await talk.waitFor('turn_completed', { turn_id: first, status: 'refused' });
      const second = await talk.say('/refuse');
      await talk.waitFor('turn_completed', { turn_id: second, status: 'limit_reached', cause: 'budget' });
      const started = (await talk.events()).filter(({ type }) => type === 'turn_started').map((event) => event.turn_id);
      expectLog(started.join() === first, { expected: 'one turn_started, of the first turn', got: show(started) });
      expectFields(await talk.getSession(), { status: 'idle', queued_turns: [], last_error: null });
    },
  },
  {
    id: 'rest/queue-full',
    level: 'agent',
    title: 'A queue is bounded: a message that it has no room for gets QueueFull.',
    source: 'openapi.yaml#/x-errors/QueueFull',
    async run(world) {
      const talk = await startConversation(world);
      await talk.say('/wait');
      for (let n = 0; n <= MAX_QUEUED; n += 1) {
        const answer = await talk.submit({ type: 'user_message', content: '/refuse' });
        if (answer.status === 200) continue;
        return expectAnswer(answer, { status: 429, code: 'QueueFull' });
      }
      throw new BrokenRule({ expected: `QueueFull, with ${MAX_QUEUED} turns that wait`, got: 'one more that waits' });
    },
  },
  {
    id: 'rest/configure',
    level: 'agent',
    title: "The agent's mode can be set, and every reader sees it; an option that it does not have is refused.",
    source: 'openapi.yaml#/components/schemas/ConfigureSubmission',
    async run(world) {
      const talk = await startConversation(world);
      expectAnswer(await talk.submit({ type: 'configure', config_id: 'mode', value: 'auto' }), { status: 200 });
      await talk.waitFor('session_updated');
      const info = await talk.getSession();
      const current = field(info.json, 'modes', 'current');
      expectThat(current === 'auto', info, { expected: 'modes.current "auto"', got: show(current) });
      const unknown = await talk.submit({ type: 'configure', config_id: 'no-such-option', value: 'x' });
      expectAnswer(unknown, { status: 400, code: 'InvalidRequest', pointer: '/body/config_id' });
      const brief = await talk.submit({ type: 'configure', config_id: 'brief', value: true });
      expectAnswer(brief, { status: 200, to: 'that sets a switch of the demo agent' });
    },
  },
];

function endRule([name, end]: [string, { status: string; cause: string }]): Rule {
  return {
    id: 'rest/turn-ends',
    subject: name,
    level: 'agent',
    title: 'A turn ends with its status and cause, and the session takes the next message.',
    source: 'PROTOCOL.md#6. **No session hangs.**',
    promise: 6,
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say(`/${name}`);
      const completed = await talk.waitFor('turn_completed', { turn_id });
      for (const [field, value] of Object.entries(end)) {
        const said = show(completed[field]);
        expectLog(said === show(value), { expected: `turn_completed with ${field} ${show(value)}`, got: said });
      }
      const failed = end.status === 'failed';
      expectLog((completed.error !== undefined) === failed, {
        expected: failed ? 'an error' : 'no error',
        got: show(completed.error),
      });
      const info = await talk.getSession();
      const error = field(info.json, 'last_error');
      expectThat((error !== null) === failed, info, {
        expected: failed ? 'last_error' : 'no last_error',
        got: show(error),
      });
      if (name === 'crash') expectFields({ ...info, json: error }, { exit_code: 3 });
      await expectNextTurn(talk);
    },
  };
}

/**
 * Checks that each item starts, gets deltas, and completes: a message with a text that is the sum of its deltas, a tool call
 * with a status that is an end.
 */
function checkItems(events: readonly LoggedEvent[]): void {
  const texts = new Map<unknown, string>();
  const ended = new Set<unknown>();
  for (const event of events) {
    const item = part(event, 'item');
    const id = item.item_id ?? event.item_id;
    if (event.type === 'item_started') texts.set(id, textOf(item.content));
    if (!event.type.startsWith('item_')) continue;
    expectLog(texts.has(id) && !ended.has(id), {
      expected: `${event.type} between the start and the end of its item`,
      got: show(event),
    });
    if (event.type === 'item_delta') texts.set(id, `${texts.get(id)}${part(event, 'delta').text ?? ''}`);
    if (event.type !== 'item_completed') continue;
    ended.add(id);
    expectLog(item.status !== 'pending' && item.status !== 'in_progress', {
      expected: 'a tool call that has ended to be completed or failed',
      got: show(item.status),
    });
    if (item.type === 'tool_call') continue; // the output of a command has deltas of its own
    const whole = textOf(item.content);
    expectLog(whole === texts.get(id), { expected: `an item of the text ${show(texts.get(id))}`, got: show(whole) });
  }
  const open = [...texts.keys()].filter((id) => !ended.has(id));
  expectLog(open.length === 0, { expected: 'every item completed', got: `not ${open.join(', ')}` });
}

function textOf(content: unknown): string {
  return (Array.isArray(content) ? content : []).map((block) => Object(block).text ?? '').join('');
}

async function expectQueue(talk: Conversation, turns: readonly unknown[]): Promise<void> {
  const info = await talk.getSession();
  const queued = field(info.json, 'queued_turns');
  const ids = (Array.isArray(queued) ? queued : []).map((turn) => Object(turn).turn_id);
  expectThat(ids.join() === turns.join(), info, { expected: `queued turns ${show(turns)}`, got: show(ids) });
}

/** Expects the session to accept another message, and to end its turn. */
async function expectNextTurn(talk: Conversation): Promise<void> {
  const turn_id = await talk.say('/refuse');
  await talk.waitFor('turn_completed', { turn_id, status: 'refused' });
}

function expectLog(holds: boolean, facts: { expected: string; got: string }): void {
  if (!holds) throw new BrokenRule(facts);
}
