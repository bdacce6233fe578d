const _database = 'packages/server/src/log/sqlite/sqlite-database.ts';
const databaseTest = 'packages/server/src/log/sqlite/sqlite-event-log.test.ts';
const _journal = 'packages/server/src/journal/journal.ts';
const hostTest = 'packages/server/src/host/session-host.test.ts';
const unwritableTest = 'packages/server/src/journal/unwritable-log.test.ts';
const journalTest = 'packages/server/src/journal/journal.test.ts';

/**
 * Promises 1 and 2: an event is durable before anyone sees it, and its id is the next one, for ever.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const logFirst = [
  {
    name: 'shows an event before the log has it',
    promise: 1,
    edits: [
      ['options.publish(entries);', ''],
      [
        'await log.append(sessionId, expected, entries);',
        'options.publish(entries); await log.append(sessionId, expected, entries);',
      ],
    ],
    test: journalTest,
    title: 'shows an event once the log has it',
    short: true,
  },
  {
    name: 'acknowledges without waiting for the log',
    promise: 1,
    edits: [
      ['await log.append(sessionId, expected, entries);', 'log.append(sessionId, expected, entries).catch(String);'],
    ],
    test: journalTest,
    title: 'shows an event once the log has it',
  },
  {
    name: 'shows the state that events will lead to',
    promise: 1,
    edits: [['return requireCreated(durable);', 'return requireCreated(head);']],
    test: journalTest,
    title: 'shows an event once the log has it',
  },
  {
    name: 'builds on events that were never written',
    promise: 1,
    test: journalTest,
    title: 'takes what could not be written for nothing',
  },
  {
    name: 'takes for lost what was written although the answer was lost',
    promise: 1,
    test: unwritableTest,
    title: 'finds out what was written after all',
  },
  {
    name: 'does not show what was written although the answer was lost',
    promise: 1,
    test: unwritableTest,
    title: 'finds out what was written after all',
  },
  {
    name: 'loses what an agent says while the log cannot be written',
    promise: 1,
    edits: [
      [
        'retryWhileUnavailable(async () => journal.append(events()), afterMilliseconds(patience));',
        'journal.append(events());',
      ],
    ],
    test: unwritableTest,
    title: 'holds the agent back for a while, and nothing is lost',
  },
  {
    name: 'answers an append without a commit',
    promise: 1,
    edits: [["db.exec('COMMIT');", "db.exec('ROLLBACK');"]],
    test: databaseTest,
    title: 'gives back the same text',
  },
  {
    name: 'keeps a part of an append that failed',
    promise: 1,
    edits: [["if (db.inTransaction) db.exec('ROLLBACK');", "if (db.inTransaction) db.exec('COMMIT');"]],
    test: databaseTest,
    title: 'keeps nothing of a group that could not be written',
  },
  {
    name: 'believes sessions of a transaction that was undone',
    promise: 1,
    test: databaseTest,
    title: 'keeps nothing of a group that could not be written',
  },
  {
    name: 'appends wherever the log ends',
    promise: 2,
    edits: [['if ((session?.latest ?? 0) !== first - 1) {', 'if (first < 1) {']],
    test: databaseTest,
    title: 'is refused when the log does not end where the writer believes',
    short: true,
  },
  {
    name: 'takes other bytes under an id for a repetition',
    promise: 2,
    edits: [['&& isStored(rows, rowsAround(session.number, first, last))', '']],
    test: databaseTest,
    title: 'is refused when the log does not end where the writer believes',
  },
  {
    name: 'leaves gaps between ids',
    promise: 2,
    edits: [['if (id !== last + 1) throw', 'if (id < 1) throw']],
    test: databaseTest,
    title: 'refuses ids with a gap',
  },
  {
    name: 'begins again at 1 after a restart',
    promise: 2,
    edits: [
      [
        'let head = options.restored;',
        'let head = options.restored && { ...options.restored, state: { ...options.restored.state, latest_event_id: 0 } };',
      ],
    ],
    test: journalTest,
    title: 'goes on with the ids of the log after a restart',
  },
  {
    name: 'forgets at a restart how far a session had come',
    promise: 2,
    edits: [['let latest = bounds?.latest ?? 0;', 'let latest = 0;']],
    test: hostTest,
    title: 'takes up after a stop',
  },
  {
    name: 'forgets with old events what they led to',
    promise: 2,
    test: 'packages/server/src/host/retention.test.ts',
    title: 'by size forgets events',
  },
  {
    name: 'lets events follow the end of a session',
    promise: 2,
    test: journalTest,
    title: 'lets nothing follow the end of a session',
  },
  {
    name: 'publishes events that do not follow',
    promise: 2,
    edits: [['if (first !== expected) throw', 'if (first < 1) throw']],
    test: 'packages/server/src/stream/feed.test.ts',
    title: 'refuses events that do not follow those before',
  },
  {
    name: 'gives history other ids than the socket',
    promise: 2,
    edits: [['await log.read(sessionId, after, {', 'await log.read(sessionId, after + 1, {']],
    test: 'packages/server/src/http/first-specification.test.ts',
    title: 'history is what the socket sent, byte for byte',
  },
  {
    name: 'takes a folder that another server holds',
    promise: 2,
    test: 'packages/server/src/files/data-directory.test.ts',
    title: 'refuses a second server in the same process',
  },
  {
    name: 'takes a repeated append for that of another writer',
    promise: 1,
    test: 'packages/server/src/log/invariants.test.ts',
    title: 'a log is what its model is',
  },
  {
    name: 'remembers where the log of a purged session ended',
    promise: 2,
    test: 'packages/server/src/log/invariants.test.ts',
    title: 'a log is what its model is',
  },
  {
    name: 'forgets more than is trimmed',
    promise: 3,
    edits: [['DELETE FROM page WHERE session = ? AND last < ?', 'DELETE FROM page WHERE session = ? AND first < ?']],
    test: 'packages/server/src/log/invariants.test.ts',
    title: 'a log is what its model is',
  },
  {
    name: 'does not start the thread of the log again',
    promise: 1,
    test: 'packages/server/src/log/sqlite/keep-sqlite-thread.test.ts',
    title: 'a thread that dies again and again',
  },
  {
    name: 'says again what was written before the thread of the log died',
    promise: 1,
    edits: [['if (!isLost ||', 'if (isLost ||']],
    test: journalTest,
    title: 'says nothing twice',
  },
  {
    name: 'stays degraded until somebody writes',
    promise: 1,
    test: 'packages/server/src/journal/lost-thread.test.ts',
    title: 'a server whose log cannot be opened again',
  },
  {
    name: 'believes a snapshot rather than the log',
    promise: 1,
    edits: [['|| !snapshot.text.startsWith(seal)', '']],
    test: 'packages/server/src/journal/snapshots.test.ts',
    title: 'that says something else changes nothing',
  },
  {
    name: 'answers a question that the log could not take',
    promise: 1,
    edits: [['ids = await ask(requested);', 'ids = await journal.append([requested]);']],
    test: unwritableTest,
    title: 'waits until it can be asked',
  },
  {
    name: 'gives an answer that the log could not take',
    promise: 1,
    edits: [
      ['() => undefined,', '() => release(approval, undefined),'],
      ['hold(() => (isPending() ? [resolved] : []))', 'journal.append([resolved])'],
    ],
    test: unwritableTest,
    title: 'gets no answer that the log does not say',
  },
  {
    name: 'lets a question last for ever that was asked after its deadline',
    promise: 6,
    edits: [['else if (late) onTimeout();', '']],
    test: unwritableTest,
    title: 'ends with its deadline',
  },
  {
    name: 'takes a commit for done before the disk has it',
    promise: 1,
    edits: [["db.exec('PRAGMA synchronous = FULL');", "db.exec('PRAGMA synchronous = NORMAL');"]],
    test: databaseTest,
    title: 'gives back the same text',
  },
];
