const delivery = 'packages/server/src/sessions/delivery.test.ts';

/**
 * Promises 4 and 6 for messages that come while a turn runs and do not wait.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const deliveries = [
  {
    name: 'lets a message that interrupts wait for all that wait already',
    promise: 6,
    edits: [["submission.delivery === 'interrupt';", "submission.delivery === undefined && turn_id === '';"]],
    test: delivery,
    title: 'ends the running turn, and is the next',
  },
  {
    name: 'gives an agent a message again that it may have taken into the turn that ran',
    promise: 4,
    edits: [['queue.filter(({ steers }) => steers !== undefined)', 'queue.filter(({ steers }) => steers === "")']],
    test: 'packages/server/src/host/recover.test.ts',
    title: 'ends the turn of a message that the agent may have taken into the one that ran',
  },
  {
    name: 'ends the turn of a message twice',
    promise: 6,
    edits: [['if (queued(message.turnId) === undefined) return;', '']],
    test: delivery,
    title: 'can be taken back while the agent is asked',
  },
  {
    name: 'asks an agent for what it cannot do',
    promise: 9,
    edits: [["capabilities?.includes('steer') !== true", "capabilities?.includes('steer') === undefined"]],
    test: delivery,
    title: 'is refused for an agent that takes none',
  },
  {
    name: 'gives the agent a message that it may have taken into the turn before',
    promise: 4,
    edits: [['await ready(message.turnId);', '']],
    test: delivery,
    title: 'fails where it is not known whether the agent has got it: end',
  },
];
