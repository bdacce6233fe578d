const _subscription = 'packages/server/src/stream/subscription.ts';
const _feed = 'packages/server/src/stream/feed.ts';
const subscriptionTest = 'packages/server/src/stream/subscription.test.ts';
const _reconnect = 'packages/client/src/stream/reconnect.ts';
const _eventStream = 'packages/client/src/stream/event-stream.ts';
const connectionTest = 'packages/client/src/stream/connection.test.ts';
const eventStreamTest = 'packages/client/src/stream/event-stream.test.ts';
const reconnectTest = 'packages/client/src/stream/reconnect.test.ts';
const sharedConnectionTest = 'packages/client/src/stream/shared-connection.test.ts';
const streamEndTest = 'packages/client/src/stream/stream-end.test.ts';
const verdictTest = 'packages/client/src/stream/verdict.test.ts';

/**
 * Promise 3: whatever breaks, a reader sees each id once and in order.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const resume = [
  {
    name: 'skips the event behind the cursor',
    promise: 3,
    edits: [['await feed.read(position);', '(await feed.read(position)).slice(1);']],
    test: subscriptionTest,
    title: 'sends what follows its cursor',
  },
  {
    name: 'sends a page that does not follow',
    promise: 3,
    edits: [['if (first !== position + 1) return fail(', 'if (first === undefined) return fail(']],
    test: subscriptionTest,
    title: 'fails rather than leave a gap',
  },
  {
    name: 'stops between replay and live',
    promise: 3,
    test: subscriptionTest,
    title: 'goes from page to page',
  },
  {
    name: 'repeats an event from memory',
    promise: 3,
    edits: [['page.slice(after + 1 - first)', 'page.slice(after - first)']],
    test: subscriptionTest,
    title: 'at any of thousands of attach moments',
  },
  {
    name: 'takes a later page of memory for the next one',
    promise: 3,
    edits: [['if (page && first <= after + 1) return', 'if (page) return']],
    test: subscriptionTest,
    title: 'at any of thousands of attach moments',
  },
  {
    name: 'wakes readers before there is something to read',
    promise: 3,
    edits: [
      ['wakeAll();', ''],
      ['latest += page.length;', 'wakeAll(); latest += page.length;'],
    ],
    test: subscriptionTest,
    title: 'sends what follows its cursor',
  },
  {
    name: 'closes before everything was sent',
    promise: 3,
    test: subscriptionTest,
    title: 'ends when the session has ended and all was sent',
  },
  {
    name: 'takes a cursor ahead of the log',
    promise: 3,
    edits: [['if (after > feed.latest) {', 'if (after < 0) {']],
    test: 'packages/server/src/host/session-host.test.ts',
    title: 'refuses a cursor ahead of the log',
  },
  {
    name: 'takes a cursor of events that are no longer kept',
    promise: 3,
    edits: [['if (after + 1 < feed.earliest) {', 'if (after < 0) {']],
    test: 'packages/server/src/host/retention.test.ts',
    title: 'by size forgets events',
  },
  {
    name: 'says nothing of events that are no longer kept',
    promise: 3,
    edits: [['if (after < session.earliest - 1) {', 'if (after < 0) {']],
    test: 'packages/server/src/socket/connection.test.ts',
    title: 'is told and closed when its cursor is no longer kept',
  },
  {
    name: 'takes an event twice from a socket',
    promise: 3,
    test: reconnectTest,
    title: 'drops duplicates',
  },
  {
    name: 'gives a loop what it has',
    promise: 3,
    test: sharedConnectionTest,
    title: 'skip what the socket replays for another one',
  },
  {
    name: 'passes over a gap',
    promise: 3,
    edits: [['if (received.id > state.position + 1) {', 'if (received.id < 1) {']],
    test: reconnectTest,
    title: 'heals a gap by resuming',
    short: true,
  },
  {
    name: 'resumes behind an event that it has not',
    promise: 3,
    edits: [['url: options.url(since),', 'url: options.url(since + 1),']],
    test: reconnectTest,
    title: 'resumes from the last event received',
  },
  {
    name: 'moves the cursor when a loop body begins',
    promise: 3,
    edits: [['handedOut = event.id;', 'handedOut = cursor = event.id;']],
    test: eventStreamTest,
    title: 'moves its cursor when a loop body has finished',
  },
  {
    name: 'joins a connection that is past the loop',
    promise: 3,
    test: sharedConnectionTest,
    title: 'read what the socket is past from the log',
  },
  {
    name: 'believes in an end before the last event',
    promise: 3,
    edits: [['code === 1000 && outcome.complete', 'code === 1000']],
    test: streamEndTest,
    title: 'is not believed where events are missing',
  },
  {
    name: 'takes a page of the log with a gap',
    promise: 3,
    edits: [['if (event.id > previous + 1) throw', 'if (event.id < 1) throw']],
    test: 'packages/client/src/session.test.ts',
    title: 'throws a ValidationError for a history with a gap',
  },
  {
    name: 'waits for ever on a line that is dead',
    promise: 3,
    edits: [['if (silence >= allowed) drop(', 'if (silence < 0) drop(']],
    test: connectionTest,
    title: 'takes a connection that is silent for two heartbeat intervals for dead',
  },
  {
    name: 'gives a page of the log from the wrong event on',
    promise: 3,
    edits: [['Math.max(0, after + 1 - row.first)', 'Math.max(0, after - row.first)']],
    test: 'packages/server/src/log/sqlite/sqlite-event-log.test.ts',
    title: 'gives pages from any cursor',
  },
  {
    name: 'replays everything to who asked for nothing',
    promise: 3,
    edits: [['after: after ?? feed.latest,', 'after: after ?? 0,']],
    test: 'packages/server/src/socket/delivery.test.ts',
    title: 'reach all readers, from wherever each began',
  },
  {
    name: 'ends a session before its last events were shown',
    promise: 3,
    test: subscriptionTest,
    title: 'ends behind what was shown just before',
  },
  {
    name: 'counts failures from before a good connection',
    promise: 3,
    test: reconnectTest,
    title: 'survives any number of broken connections',
  },
  {
    name: 'takes an event of a turn twice',
    promise: 3,
    test: 'packages/client/src/turn.test.ts',
    title: 'several loops read the turn at once',
  },
  {
    name: 'joins with a cursor that the log may not have',
    promise: 3,
    edits: [['reader.confirmed && reader.received > line.position', 'reader.received > line.position']],
    test: sharedConnectionTest,
    title: 'end one by one where a cursor is ahead of the log',
  },
  {
    name: 'waits for a server as long as that likes',
    promise: 3,
    edits: [['|| state.asked > PATIENCE_OF_STREAMS', '']],
    test: verdictTest,
    title: 'ends the loop at once where the server asks for more than 5 minutes',
  },
  {
    name: 'ends for what something between answers',
    promise: 3,
    edits: [['.catch(throwAsPassing)', '']],
    test: sharedConnectionTest,
    title: 'ask for the log again where something between answers',
  },
  {
    name: 'comes back with everybody else',
    promise: 3,
    edits: [['return Math.random() *', 'return 0.99 *']],
    test: 'packages/client/src/stream/backoff.test.ts',
    title: 'so that clients do not come back together',
  },
  {
    name: 'ends where another token would do',
    promise: 3,
    edits: [['options.renewable && state.renewals === 0;', 'false;']],
    test: streamEndTest,
    title: 'does not come with 4401 where the token function has another token',
  },
  {
    name: 'asks for tokens without an end',
    promise: 3,
    test: streamEndTest,
    title: 'comes with 4401 where the new token is refused as well',
  },
  {
    name: 'does not ask why a handshake failed',
    promise: 3,
    edits: [['const refusal = await probe();', 'const refusal = await Promise.reject(error);']],
    test: verdictTest,
    title: 'throws what the probe says',
  },
  {
    name: 'ends every loop with the cursor of one',
    promise: 3,
    edits: [
      ["if (end.reason === 'cursor_invalid' && reader.received > line.position) reader.rejoin();\n      else", ''],
    ],
    test: sharedConnectionTest,
    title: 'end one by one where a cursor is no longer kept',
  },
  {
    name: 'makes a page of history longer than the contract says',
    promise: 3,
    edits: [['index > 0 && bytes > maxBytes', 'false']],
    test: 'packages/server/src/http/bounds.test.ts',
    title: 'has no more bytes than the operator says',
  },
];
