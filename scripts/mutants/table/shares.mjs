const waiting = 'packages/server/src/sessions/bounds.test.ts';

/**
 * What SECURITY.md and LIMITS.md promise about memory and work: nobody can fill the server, or keep it busy for himself.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const shares = [
  {
    name: 'lets one client, or all together, fill the memory',
    promise: 'S',
    edits: [['heldFor(client) + bytes <= most.each && all + bytes <= most.inAll', 'true']],
    test: 'packages/server/src/byte-budget.test.ts',
    title: 'has a bound for each client',
  },
  {
    name: 'lets slow tasks of one client keep all others waiting',
    promise: 'S',
    edits: [['(running.get(client) ?? 0) < each', 'client.length > 0']],
    test: 'packages/server/src/http/fair-queue.test.ts',
    title: 'leave room for those of others',
  },
  {
    name: 'lets a client with many tasks keep all others waiting',
    promise: 'S',
    edits: [
      [
        'if (others.length > 0) waiting.set(client, others);',
        'if (others.length > 0) for (const [name, list] of [[client, others] as const, ...[...waiting]]) { waiting.delete(name); waiting.set(name, list); }',
      ],
    ],
    test: 'packages/server/src/http/fair-queue.test.ts',
    title: 'clients take turns',
  },
  {
    name: 'works on any number of requests of one client at once',
    promise: 'S',
    test: 'packages/server/src/http/bounds.test.ts',
    title: 'in requests for each credential',
  },
  {
    name: 'takes no notice of what waits already',
    promise: 'S',
    test: waiting,
    title: 'half of all that waits',
  },
  {
    name: 'keeps whatever is put into the queue of one session',
    promise: 'S',
    edits: [['counted === 0 || counted + size <= most', 'size > 0 || most > 0']],
    test: waiting,
    title: 'as large together as they say',
  },
  {
    name: 'keeps queued messages of any size',
    promise: 'S',
    test: waiting,
    title: 'as large together as they say',
  },
  {
    name: 'keeps questions of any size',
    promise: 'S',
    test: waiting,
    title: 'cancel a question that is larger',
  },
  {
    name: 'keeps and copies the id of every question that an agent ever asked',
    promise: 'S',
    edits: [['.slice(-REMEMBERED)', '']],
    test: 'packages/server/src/journal/fold.test.ts',
    title: 'remembers the questions that were answered last',
  },
  {
    name: 'keeps unfinished frames of any number of peers',
    promise: 'S',
    test: 'packages/server/src/socket/connection.test.ts',
    title: 'too much of its frames is unfinished',
  },
  {
    name: 'makes a page as large as agents like',
    promise: 'S',
    edits: [['room < 0 && index > 0', 'room < 0 && index > 100']],
    test: 'packages/server/src/host/session-directory.test.ts',
    title: 'shorter where sessions are large',
  },
  {
    name: 'keeps a question of any size, and shows it to whoever looks at the session',
    promise: 'S',
    test: 'packages/agents/src/map/map-request.test.ts',
    title: 'too large',
  },
  {
    name: 'spends seconds and hundreds of megabytes on one line',
    promise: 'S',
    test: 'packages/agents/src/acp/find-message.test.ts',
    title: 'half a million values',
  },
  {
    name: 'spends hundreds of megabytes on one body',
    promise: 'S',
    test: 'packages/server/src/http/bad-input.test.ts',
    title: 'endless values',
  },
];
