const processTest = 'packages/agents/src/process/process.test.ts';

/**
 * What docs/operators.md promises about processes: whatever an agent starts ends with it, and nothing else does.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const processes = [
  {
    name: 'leaves what an agent started in a group of its own',
    promise: 'S',
    edits: [[' || one.mark === mark', '']],
    test: processTest,
    title: 'a session of its own',
    short: true,
  },
  {
    name: 'takes a daemon away from another agent that uses it',
    promise: 'S',
    edits: [['strays.length > 0 &&', 'strays.length < 0 &&']],
    test: processTest,
    title: 'two agents use',
  },
  {
    name: 'forgets a daemon that it has left to another agent',
    promise: 'S',
    edits: [['if (!inUse) await', 'await']],
    test: processTest,
    title: 'two agents use',
  },
  {
    name: 'waits for those that have ended and that nobody reaps',
    promise: 'S',
    test: processTest,
    title: 'not reaped',
  },
];
