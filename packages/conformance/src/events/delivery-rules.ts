import { tryEach } from '../broken-rule.js';
import { expectAnswer } from '../rest/expect-answer.js';
import type { Rule } from '../rule.js';
import type { TestSession, World } from '../world/world.js';
import { expectHistory, expectIds, latestOf } from './compare-history.js';
import { type EventSocket, openSocket } from './event-socket.js';

/** Delivery on sockets: every event, once, in order, the same for every reader. */
export const deliveryRules: readonly Rule[] = [
  {
    id: 'events/replay',
    level: 'core',
    title: 'With since_event_id=0 the whole log comes, from id 1, each event as in history.',
    source: 'PROTOCOL.md#2. **Ids** are per session',
    promise: 2,
    async run(world) {
      const session = await world.createSession();
      await submit(world, session, { type: 'interrupt' });
      await expectReplay(world, session, 0);
    },
  },
  {
    id: 'events/live-only',
    level: 'core',
    title: "Without since_event_id no old event comes; every event after the ack's latest_event_id does.",
    source: 'PROTOCOL.md#without it the connection is live only',
    async run(world) {
      const session = await world.createSession();
      await submit(world, session, { type: 'interrupt' });
      const socket = await openSocket(world, session.path);
      await socket.heartbeat();
      await submit(world, session, { type: 'interrupt' });
      await socket.waitForEvent('submission_accepted');
      expectIds(socket, latestAt(socket));
      socket.cut();
    },
  },
  {
    id: 'events/resume',
    level: 'agent',
    title: 'From each cursor of a log every event after it comes, and nothing else.',
    source: 'PROTOCOL.md#3. **Resume is lossless.**',
    promise: 3,
    async run(world) {
      const session = await world.createSession();
      const socket = await talk(world, session, '/plan');
      socket.cut();
      const latest = await latestOf(world, session.path);
      const cursors = Array.from({ length: latest + 1 }, (_, cursor) => cursor);
      await tryEach(cursors, (cursor) => expectReplay(world, session, cursor));
    },
  },
  {
    id: 'events/replay-and-live',
    level: 'agent',
    title: 'Replay is followed by live events without a gap, also while a turn runs.',
    source: 'PROTOCOL.md#Replay and live are one sequence',
    promise: 3,
    async run(world) {
      const session = await world.createSession();
      await submit(world, session, { type: 'user_message', content: '/plan' });
      const socket = await openSocket(world, session.path, { since: 0 });
      await socket.waitForEvent('turn_completed');
      expectIds(socket, 0);
      await expectHistory(world, session.path, socket.events, 0);
      socket.cut();
    },
  },
  {
    id: 'events/readers',
    level: 'agent',
    title: 'Readers that come at different times see the same bytes.',
    source: 'PROTOCOL.md#bytes of a frame are the same in the log, in history and on every socket',
    promise: 2,
    async run(world) {
      const session = await world.createSession();
      const live = await openSocket(world, session.path);
      const whole = await openSocket(world, session.path, { since: 0 });
      await submit(world, session, { type: 'user_message', content: '/plan' });
      await live.waitForEvent('item_delta');
      const late = await openSocket(world, session.path);
      const behind = await openSocket(world, session.path, { since: 1 });
      const { id: last } = await whole.waitForEvent('turn_completed');
      for (const [reader, after] of [
        [live, latestAt(live)],
        [whole, 0],
        [late, latestAt(late)],
        [behind, 1],
      ] as const) {
        // A reader without a cursor that came after the end of the turn gets no event of it.
        if (after < last) await reader.waitForEvent('turn_completed');
        expectIds(reader, after);
        for (const { id, text } of reader.events) {
          const other = whole.events.find((event) => event.id === id)?.text;
          if (other === text || id > last) continue;
          throw reader.broken({ expected: `event ${id} as another reader has it: ${other}`, got: text });
        }
        reader.cut();
      }
    },
  },
  {
    id: 'events/cut',
    level: 'agent',
    title: 'A reader whose connection is cut again and again has the same events as history in the end.',
    source: 'PROTOCOL.md#**The connection breaks** at any byte.',
    promise: 3,
    async run(world) {
      const session = await world.createSession();
      const random = world.random('events/cut');
      await submit(world, session, { type: 'user_message', content: '/plan' });
      const events = [];
      for (let over = false; !over; ) {
        const after = events.length;
        const socket = await openSocket(world, session.path, { since: after });
        const last = after + random.integer(1, 40);
        const isLast = (type: unknown) => type === 'turn_completed';
        await socket.wait(
          `event ${last}, or the end of the turn`,
          ({ id, payload }) => id >= last || isLast(payload.type),
        );
        socket.cut();
        expectIds(socket, after);
        events.push(...socket.events);
        over = events.some(({ payload }) => isLast(payload.type));
      }
      await expectHistory(world, session.path, events, 0);
    },
  },
  {
    id: 'events/slow-reader',
    level: 'agent',
    title: 'A reader that stops reading does not delay others, and catches up when it reads again.',
    source: 'PROTOCOL.md#5. **A slow reader costs nothing.**',
    promise: 5,
    async run(world) {
      const session = await world.createSession();
      const slow = await openSocket(world, session.path, { since: 0 });
      slow.webSocket.pause();
      const fast = await talk(world, session, '/flood');
      slow.webSocket.resume();
      await slow.waitForEvent('turn_completed');
      expectIds(slow, 0);
      await expectHistory(world, session.path, slow.events, 0);
      slow.cut();
      fast.cut();
    },
  },
];

/** Submits something over REST. */
export async function submit(world: World, { path }: TestSession, submission: object): Promise<void> {
  const answer = await world.call({ method: 'POST', path: `${path}/submit`, json: submission });
  expectAnswer(answer, { status: 200 });
}

/** Sends a message; gives a socket that has received the whole turn. */
async function talk(world: World, session: TestSession, content: string): Promise<EventSocket> {
  const socket = await openSocket(world, session.path);
  await submit(world, session, { type: 'user_message', content });
  await socket.waitForEvent('turn_completed');
  return socket;
}

async function expectReplay(world: World, { path }: TestSession, after: number): Promise<void> {
  const socket = await openSocket(world, path, { since: after });
  const latest = latestAt(socket);
  if (latest > after) await socket.wait(`event ${latest}`, ({ id }) => id === latest);
  // Any further event would come before the answer to this heartbeat.
  await socket.heartbeat();
  socket.cut();
  expectIds(socket, after);
  await expectHistory(world, path, socket.events, after);
}

function latestAt({ ack }: EventSocket): number {
  return Number(ack.payload.latest_event_id);
}
