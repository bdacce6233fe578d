const _idempotency = 'packages/server/src/journal/idempotency.ts';
const idempotencyTest = 'packages/server/src/journal/idempotency.test.ts';
const hostTest = 'packages/server/src/host/session-host.test.ts';
const recoverTest = 'packages/server/src/host/recover.test.ts';
const _retryingFetch = 'packages/client/src/http/retrying-fetch.ts';
const httpTest = 'packages/client/src/http/http.test.ts';

/**
 * Promise 4: a command may be repeated, and a submission reaches the agent at most once.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const commands = [
  {
    name: 'keeps no record of a command',
    promise: 4,
    test: hostTest,
    title: 'gives the first answer to a repeated command',
    short: true,
  },
  {
    name: 'stores no record of a command',
    promise: 4,
    edits: [['(idempotency ? [{ ...idempotency, eventId: id }] : [])', '[]']],
    test: 'packages/server/src/log/sqlite/sqlite-records.test.ts',
    title: 'are kept with the event that the command caused',
  },
  {
    name: 'carries a command out again while it is being carried out',
    promise: 4,
    test: idempotencyTest,
    title: 'is carried out once, also while it is being carried out',
  },
  {
    name: 'gives the answer to another body',
    promise: 4,
    edits: [['if (first === second) return;', 'if (first) return;']],
    test: idempotencyTest,
    title: 'with another body is a conflict',
  },
  {
    name: 'takes the same body in another order for another',
    promise: 4,
    edits: [['JSON.stringify(canonical(body))', 'JSON.stringify(body)']],
    test: idempotencyTest,
    title: 'is the same in whatever order',
  },
  {
    name: 'gives one account the answer of another',
    promise: 4,
    edits: [['[scope.account, scope.operation,', '[scope.operation,']],
    test: idempotencyTest,
    title: 'of another account, operation or session is another',
  },
  {
    name: 'keeps refusals',
    promise: 4,
    test: idempotencyTest,
    title: 'that was refused may be tried again',
  },
  {
    name: 'gives the agent a message before that is in the log',
    promise: 4,
    edits: [
      [
        "await journal.append([{ type: 'turn_started', ...turn.of }]);",
        "void journal.append([{ type: 'turn_started', ...turn.of }]);",
      ],
    ],
    test: 'packages/server/src/sessions/turns.test.ts',
    title: 'begins in the log before the agent hears of it',
  },
  {
    name: 'leaves a turn open that a crash has cut off',
    promise: 4,
    edits: [
      [
        'if (state.turn_id !== null && runningSubmissionId !== undefined) {',
        "if (state.turn_id === '' && runningSubmissionId !== undefined) {",
      ],
    ],
    test: recoverTest,
    title: 'ends the turn that ran',
  },
  {
    name: 'gives the agent a message again after a crash',
    promise: 4,
    edits: [['queue: before.queue.filter((message) => message.turnId !== turnId),', 'queue: before.queue,']],
    test: recoverTest,
    title: 'ends the turn that ran',
  },
  {
    name: 'forgets queued messages at a restart',
    promise: 4,
    test: recoverTest,
    title: 'goes on with what was queued',
  },
  {
    name: 'says nothing when a submission is repeated on the socket',
    promise: 4,
    edits: [['if (!repeated) return;', 'if (answer) return;']],
    test: 'packages/server/src/socket/admit-socket.test.ts',
    title: 'told when they are repeated',
  },
  {
    name: 'sends commands without a key',
    promise: 4,
    edits: [["if (request.method === 'POST') init", "if (request.method === 'NONE') init"]],
    test: httpTest,
    title: 'with the same key and body',
  },
  {
    name: 'makes a new key for each attempt',
    promise: 4,
    edits: [
      [
        'const headers = token === undefined ? init.headers',
        "init.headers['idempotency-key'] = randomUuid();\n  const headers = token === undefined ? init.headers",
      ],
    ],
    test: httpTest,
    title: 'with the same key and body',
  },
  {
    name: 'repeats a command without its body',
    promise: 4,
    edits: [
      [
        'await send(request.url, { ...init, signal }',
        "await send(request.url, { ...init, ...(attempt > 0 && { body: '' }), signal }",
      ],
    ],
    test: httpTest,
    title: 'with the same key and body',
  },
  {
    name: 'gives the agent a message that was cleared from the queue',
    promise: 4,
    test: 'packages/server/src/sessions/turns.test.ts',
    title: 'cleared from the queue before it could begin never begins',
  },
  {
    name: 'makes a key where the submission has an id',
    promise: 4,
    edits: [['idempotencyKey = submission.submission_id,', 'idempotencyKey,']],
    test: 'packages/client/src/session.test.ts',
    title: 'uses the submission_id as the key',
  },
  {
    name: 'repeats a call before the server wants it',
    promise: 4,
    edits: [
      ['Math.max(seconds * 1000, backoffDelay(attempt, options.backoff))', 'backoffDelay(attempt, options.backoff)'],
    ],
    test: httpTest,
    title: 'waits as long as Retry-After says',
  },
  {
    name: 'holds a call for as long as a server likes',
    promise: 4,
    edits: [['seconds > patience ||', '']],
    test: httpTest,
    title: 'does not wait where the server asks for',
  },
];
