import { randomUUID } from 'node:crypto';
import { BrokenRule } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import type { Exchange } from '../wire/exchange.js';
import { type Conversation, part, startConversation } from './conversation.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

/** What survives when the server is killed and started again. */
export const restartRules: readonly Rule[] = [
  {
    id: 'rest/restart-log',
    level: 'full',
    title: 'Events that were acknowledged or read survive a crash of the server, byte for byte, and ids go on.',
    source: 'PROTOCOL.md#1. **Log first.**',
    promise: 1,
    needs: ['restart'],
    when: 'restart',
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/plan');
      await talk.waitFor('turn_completed', { turn_id });
      const before = await readLog(talk);
      // The server is killed right after this acknowledgement.
      const accepted = await talk.submit({ type: 'interrupt', metadata: { last: true } });
      expectAnswer(accepted, { status: 200 });
      await world.restart();
      const after = await readLog(talk);
      const [old, now] = [before, after].map(itemsOf);
      expectThat(now?.startsWith(old ?? '') ?? false, after, {
        expected: 'the same log as before, byte for byte',
        got: 'another',
      });
      const { event_id, submission_id }: Record<string, unknown> = Object(accepted.json);
      const page = await talk.call('GET', `/history?after=${Number(event_id) - 1}&limit=1`);
      expectFields(
        { ...page, json: field(page.json, 'items', 0, 'payload') },
        { type: 'submission_accepted', submission_id },
      );
      const next = await talk.submit({ type: 'interrupt' });
      expectAnswer(next, { status: 200, to: 'after the server was killed' });
      const id = field(next.json, 'event_id');
      expectThat(Number(id) > Number(event_id), next, { expected: `an event_id past ${event_id}`, got: show(id) });
    },
  },
  {
    id: 'rest/restart-turn',
    level: 'full',
    title:
      'A turn that a crash interrupted ends failed with cause server_restarted; queued turns and the session go on.',
    source: 'PROTOCOL.md#**The server is killed while a turn runs.**',
    promise: 4,
    needs: ['restart'],
    when: 'restart',
    async run(world) {
      const talk = await startConversation(world);
      const running = await talk.say('/approve');
      const { approval_id } = part(await talk.waitFor('approval_requested'), 'approval');
      const queued = await talk.say('/refuse');
      await world.restart();
      const resolved = await talk.waitFor('approval_resolved', { approval_id });
      expectThat(resolved.by === 'server', await talk.getSession(), {
        expected: 'a resolution by server',
        got: show(resolved),
      });
      await talk.waitFor('turn_completed', { turn_id: running, status: 'failed', cause: 'server_restarted' });
      await talk.waitFor('turn_completed', { turn_id: queued, status: 'refused' });
      const starts = (await talk.events()).filter(({ type, turn_id }) => type === 'turn_started' && turn_id === queued);
      if (starts.length !== 1)
        throw new BrokenRule({ expected: 'one turn_started of the queued turn', got: `${starts.length}` });
    },
  },
  {
    id: 'rest/restart-keys',
    level: 'full',
    title: 'A request that is repeated with its key after a crash gets the first answer.',
    source: 'PROTOCOL.md#4. **Commands are idempotent.**',
    promise: 4,
    needs: ['restart'],
    when: 'restart',
    async run(world) {
      const talk = await startConversation(world);
      const key = randomUUID();
      const json = { cwd: await world.createFolder(), ...(world.agent === undefined ? {} : { agent: world.agent }) };
      const create = () =>
        world.call({ method: 'POST', path: '/api/sessions', json, headers: { 'Idempotency-Key': key } });
      const created = await create();
      const submitted = await talk.submit({ type: 'interrupt' }, key);
      await world.restart();
      const again = await create();
      expectAnswer(again, { status: 201, to: 'with a key from before the crash' });
      expectFields(again, { session_id: field(created.json, 'session_id') });
      const repeated = await talk.submit({ type: 'interrupt' }, key);
      expectAnswer(repeated, { status: 200, to: 'with a key from before the crash' });
      expectFields(repeated, { event_id: field(submitted.json, 'event_id'), submission_id: key });
      const other = await talk.submit({ type: 'interrupt', clear_queue: true }, key);
      expectAnswer(other, { status: 409, code: 'IdempotencyConflict' });
    },
  },
  {
    id: 'rest/restart-patch',
    level: 'full',
    title: 'A patch of an isolated workspace is still pending after a crash, and can be applied and reverted.',
    source: 'PROTOCOL.md#7. **A patch needs consent.**',
    promise: 7,
    needs: ['restart'],
    when: 'restart',
    async run(world) {
      const talk = await startConversation(world, { workspace: 'isolated' });
      const turn_id = await talk.say('/edits');
      await talk.waitFor('turn_completed', { turn_id, status: 'completed' });
      const before = await talk.call('GET', '/patch');
      expectAnswer(before, { status: 200 });
      await world.restart();
      const after = await talk.call('GET', '/patch');
      expectAnswer(after, { status: 200, to: 'for the patch from before the crash' });
      const { patch_id, diff, files }: Record<string, unknown> = Object(before.json);
      expectFields(after, { patch_id, diff, files });
      expectAnswer(await talk.call('POST', '/apply_patch', { patch_id }), { status: 200 });
      expectAnswer(await talk.call('POST', '/revert_patch', { patch_id }), { status: 200 });
    },
  },
];

async function readLog(talk: Conversation): Promise<Exchange> {
  const log = await talk.call('GET', '/history?limit=1000');
  expectAnswer(log, { status: 200 });
  return log;
}

/** The bytes of the events of a page. */
function itemsOf({ text }: Exchange): string {
  return /"items"\s*:\s*\[(.*)\]/s.exec(text)?.[1] ?? '';
}
