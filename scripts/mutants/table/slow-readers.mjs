const _feed = 'packages/server/src/stream/feed.ts';
const subscriptionTest = 'packages/server/src/stream/subscription.test.ts';
const _capacity = 'packages/server/src/socket/capacity.ts';
const _sockets = 'packages/server/src/socket/web-socket-server.ts';
const deliveryTest = 'packages/server/src/socket/delivery.test.ts';
const feedTest = 'packages/server/src/stream/feed.test.ts';
const _queue = 'packages/client/src/stream/event-queue.ts';
const eventStreamTest = 'packages/client/src/stream/event-stream.test.ts';

/**
 * Promise 5: nothing queues for a reader that is slow, nor for an agent that is fast.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const slowReaders = [
  {
    name: 'sends on to a reader that is full',
    promise: 5,
    edits: [["busy = send(page) ? 'no' : 'full';", "busy = send(page) ? 'no' : 'no';"]],
    test: subscriptionTest,
    title: 'stands still while its reader is full',
    short: true,
  },
  {
    name: 'takes no notice of a socket that is full',
    promise: 5,
    edits: [['return socket.writableLength < highWater;', 'return true;']],
    test: deliveryTest,
    title: 'do not queue for a reader that has stalled',
  },
  {
    name: 'keeps every event in memory',
    promise: 5,
    edits: [['while (kept > recentCharacters && pages.length > 1)', 'while (kept < 0 && pages.length > 1)']],
    test: subscriptionTest,
    title: 'stands still while its reader is full',
  },
  {
    name: 'keeps as much for each session, however many there are',
    promise: 5,
    edits: [['if (characters <= mostCharacters || oldest === page) break;', 'break;']],
    test: feedTest,
    title: 'keeps no more than all feeds may keep together',
  },
  {
    name: 'keeps events in memory while nobody reads',
    promise: 5,
    test: feedTest,
    title: 'keeps no frames when nobody reads',
  },
  {
    name: 'makes pages of any size',
    promise: 5,
    test: feedTest,
    title: 'cuts a large append into pages',
  },
  {
    name: 'answers a peer that takes no answers',
    promise: 5,
    test: 'packages/server/src/socket/frames.test.ts',
    title: 'are not read while their sender does not take the answers',
  },
  {
    name: 'keeps a peer that takes nothing',
    promise: 5,
    edits: [['if (peer.silent >= (backlog > 0 ? STALLED_LOOKS : SILENT_LOOKS)) {', 'if (peer.silent < 0) {']],
    test: 'packages/server/src/socket/connection.test.ts',
    title: 'is terminated when its peer takes nothing',
  },
  {
    name: 'reads on from an agent that is faster than the log',
    promise: 5,
    edits: [['return entries.full ? entries.room() : undefined;', 'return undefined;']],
    test: 'packages/agents/src/acp/connection.test.ts',
    title: 'nothing is read from an agent while the queue is full',
  },
  {
    name: 'has no bound for what waits for a loop',
    promise: 5,
    edits: [['waiting.length >= maxEvents ||', '']],
    test: eventStreamTest,
    title: 'lets nothing wait beyond its limit',
  },
  {
    name: 'has no bound for the size of what waits',
    promise: 5,
    edits: [['|| characters >= MAX_CHARACTERS', '']],
    test: 'packages/client/src/stream/event-queue.test.ts',
    title: 'is full with fewer events that are large',
  },
  {
    name: 'commits for as long as anybody writes, and lets readers wait',
    promise: 5,
    edits: [
      [
        'report({ answers: commit(writes.splice(0)) });',
        '{ report({ answers: commit(writes.splice(0)) }); continue; }',
      ],
    ],
    test: 'packages/server/src/log/sqlite/serve-requests.test.ts',
    title: 'who reads is answered between the commits of sessions that never rest',
  },
  {
    name: 'takes any number of connections to a session',
    promise: 5,
    edits: [['if ((perSession.get(sessionId) ?? 0) >= maxConnectionsPerSession)', 'if (maxConnectionsPerSession < 0)']],
    test: 'packages/server/src/socket/web-socket-server.test.ts',
    title: 'is refused when the session has as many connections as it may',
  },
  {
    name: 'takes any number of connections',
    promise: 5,
    edits: [['if (all >= maxConnections) throw', 'if (maxConnections < 0) throw']],
    test: 'packages/server/src/socket/web-socket-server.test.ts',
    title: 'is refused when the server has as many connections as it may',
  },
  {
    name: 'keeps a peer whose credential has expired',
    promise: 5,
    test: 'packages/server/src/socket/connection.test.ts',
    title: 'is closed when its credential expires',
  },
  {
    name: 'keeps a peer that answers no ping',
    promise: 5,
    edits: [['const seen = peer.socket.bytesRead + taken;', 'const seen = performance.now() + taken;']],
    test: 'packages/server/src/socket/connection.test.ts',
    title: 'is terminated when its peer answers no ping',
  },
  {
    name: 'keeps a peer that sends nothing but bad frames',
    promise: 5,
    test: 'packages/server/src/socket/frames.test.ts',
    title: 'close the connection when too many in a row do not fit',
  },
  {
    name: 'takes frames at any rate',
    promise: 5,
    edits: [['return framesInSecond > limits.max_frames_per_second;', 'return framesInSecond < 0;']],
    test: 'packages/server/src/socket/frames.test.ts',
    title: 'that come too fast are refused',
  },
  {
    name: 'opens any number of sessions',
    promise: 5,
    edits: [['if (sessions.open() + starting.size >= maxSessions)', 'if (maxSessions < 0)']],
    test: 'packages/server/src/host/session-host.test.ts',
    title: 'holds to its limits',
  },
  {
    name: 'queues any number of turns',
    promise: 5,
    edits: [['if (journal.head.queue.length >= maxQueuedTurns) {', 'if (maxQueuedTurns < 0) {']],
    test: 'packages/server/src/host/session-host.test.ts',
    title: 'holds to its limits',
  },
  {
    name: 'does not listen to a peer that takes its time',
    promise: 5,
    edits: [
      ['const seen = peer.socket.bytesRead + taken;', 'const seen = backlog > 0 ? taken : peer.socket.bytesRead;'],
    ],
    test: 'packages/server/src/socket/connection.test.ts',
    title: 'is kept while its peer says something',
  },
  {
    name: 'keeps whatever an agent asks consent for',
    promise: 5,
    test: 'packages/agents/src/map/held-edits.test.ts',
    title: 'as long as there is room',
  },
  {
    name: 'keeps the room of edits that have been answered',
    promise: 5,
    test: 'packages/agents/src/requests.test.ts',
    title: 'gives the room back',
  },
  {
    name: 'reads a file of any size into memory to keep it',
    promise: 5,
    test: 'packages/server/src/workspace/planned-file.test.ts',
    title: 'too large to be kept is a problem',
  },
  {
    name: 'lets one diff keep all others waiting',
    promise: 5,
    edits: [['void worker.terminate()', 'undefined']],
    test: 'packages/server/src/patches/differ.test.ts',
    title: 'takes too long is given up',
  },
  {
    name: 'keeps every diff that it has ever made',
    promise: 5,
    test: 'packages/server/src/patches/diff-cache.test.ts',
    title: 'what was used longest ago goes first',
  },
  {
    name: 'answers with as many bytes as an agent has written',
    promise: 5,
    edits: [['given.bytes > room ?', 'given.bytes < 0 ?']],
    test: 'packages/server/src/patches/pending-edits.test.ts',
    title: 'named without its diff',
  },
  {
    name: 'reads once for each who asks',
    promise: 5,
    test: 'packages/agents/src/shared-read.test.ts',
    title: 'share a read',
  },
  {
    name: 'keeps any number of large answers for clients that do not take them',
    promise: 5,
    test: 'packages/server/src/http/unread-answers.test.ts',
    title: 'a large answer is refused',
  },
];
