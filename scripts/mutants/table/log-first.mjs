const database = 'packages/server/src/log/sqlite-database.ts';
const databaseTest = 'packages/server/src/log/sqlite-event-log.test.ts';
const journal = 'packages/server/src/sessions/journal.ts';
const hostTest = 'packages/server/src/sessions/session-host.test.ts';
const unwritableTest = 'packages/server/src/sessions/unwritable-log.test.ts';
const journalTest = 'packages/server/src/sessions/journal.test.ts';

/**
 * Promises 1 and 2: an event is durable before anyone sees it, and its id is the next one, for ever.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const logFirst = [
  {
    name: 'shows an event before the log has it',
    promise: 1,
    file: journal,
    edits: [
      [
        'await log.append(sessionId, expected, entries);',
        'options.publish(entries); await log.append(sessionId, expected, entries);',
      ],
      ['durable = reached;\n    options.publish(entries);', 'durable = reached;'],
    ],
    test: journalTest,
    title: 'shows an event once the log has it',
    short: true,
  },
  {
    name: 'acknowledges without waiting for the log',
    promise: 1,
    file: journal,
    edits: [
      ['await log.append(sessionId, expected, entries);', 'log.append(sessionId, expected, entries).catch(String);'],
    ],
    test: journalTest,
    title: 'shows an event once the log has it',
  },
  {
    name: 'shows the state that events will lead to',
    promise: 1,
    file: journal,
    edits: [['return begun(durable);', 'return begun(head);']],
    test: journalTest,
    title: 'shows an event once the log has it',
  },
  {
    name: 'builds on events that were never written',
    promise: 1,
    file: journal,
    edits: [['generation += 1;\n        head = durable;', 'generation += 1;']],
    test: journalTest,
    title: 'takes what could not be written for nothing',
  },
  {
    name: 'takes for lost what was written although the answer was lost',
    promise: 1,
    file: journal,
    edits: [['if (await isStored(expected, entries)) return ids;', '']],
    test: unwritableTest,
    title: 'finds out what was written after all',
  },
  {
    name: 'does not show what was written although the answer was lost',
    promise: 1,
    file: journal,
    edits: [['await catchUp();', '']],
    test: unwritableTest,
    title: 'finds out what was written after all',
  },
  {
    name: 'loses what an agent says while the log cannot be written',
    promise: 1,
    file: 'packages/server/src/sessions/agent-handler.ts',
    edits: [['await patiently(() => journal.append(events), isOver);', 'await journal.append(events);']],
    test: unwritableTest,
    title: 'holds the agent back for a while, and nothing is lost',
  },
  {
    name: 'answers an append without a commit',
    promise: 1,
    file: database,
    edits: [["db.exec('COMMIT');", "db.exec('ROLLBACK');"]],
    test: databaseTest,
    title: 'gives back the same text',
  },
  {
    name: 'keeps a part of an append that failed',
    promise: 1,
    file: database,
    edits: [["if (db.inTransaction) db.exec('ROLLBACK');", "if (db.inTransaction) db.exec('COMMIT');"]],
    test: databaseTest,
    title: 'keeps nothing of a group that could not be written',
  },
  {
    name: 'believes sessions of a transaction that was undone',
    promise: 1,
    file: database,
    edits: [['known.clear();', '']],
    test: databaseTest,
    title: 'keeps nothing of a group that could not be written',
  },
  {
    name: 'appends wherever the log ends',
    promise: 2,
    file: database,
    edits: [['if ((session?.latest ?? 0) !== first - 1) {', 'if (first < 1) {']],
    test: databaseTest,
    title: 'is refused when the log does not end where the writer believes',
    short: true,
  },
  {
    name: 'takes other bytes under an id for a repetition',
    promise: 2,
    file: database,
    edits: [[' && isStored(rows, rowsAround(session.number, first, last))', '']],
    test: databaseTest,
    title: 'is refused when the log does not end where the writer believes',
  },
  {
    name: 'leaves gaps between ids',
    promise: 2,
    file: 'packages/server/src/log/frame-rows.ts',
    edits: [['if (id !== last + 1) throw', 'if (id < 1) throw']],
    test: databaseTest,
    title: 'refuses ids with a gap',
  },
  {
    name: 'begins again at 1 after a restart',
    promise: 2,
    file: journal,
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
    file: 'packages/server/src/stream/feed.ts',
    edits: [['let latest = bounds?.latest ?? 0;', 'let latest = 0;']],
    test: hostTest,
    title: 'takes up after a stop',
  },
  {
    name: 'forgets with old events what they led to',
    promise: 2,
    file: database,
    edits: [['sql.setBase.run(base, session.number);', '']],
    test: 'packages/server/src/sessions/retention.test.ts',
    title: 'by size forgets events',
  },
  {
    name: 'lets events follow the end of a session',
    promise: 2,
    file: journal,
    edits: [['if (head !== undefined) refuseClosed({ head });', '']],
    test: journalTest,
    title: 'lets nothing follow the end of a session',
  },
  {
    name: 'publishes events that do not follow',
    promise: 2,
    file: 'packages/server/src/stream/feed.ts',
    edits: [['if (first !== expected) throw', 'if (first < 1) throw']],
    test: 'packages/server/src/stream/subscription.test.ts',
    title: 'refuses events that do not follow those before',
  },
  {
    name: 'gives history other ids than the socket',
    promise: 2,
    file: 'packages/server/src/sessions/create-session-host.ts',
    edits: [['await log.read(sessionId, after, {', 'await log.read(sessionId, after + 1, {']],
    test: 'packages/server/src/http/seed.test.ts',
    title: 'history is what the socket sent, byte for byte',
  },
  {
    name: 'takes a folder that another server holds',
    promise: 2,
    file: 'packages/server/src/log/data-directory.ts',
    edits: [["lock.exec('BEGIN EXCLUSIVE');", '']],
    test: 'packages/server/src/log/data-directory.test.ts',
    title: 'refuses a second server in the same process',
  },
];
