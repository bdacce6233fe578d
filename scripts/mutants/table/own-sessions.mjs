const host = 'packages/server/src/host/agent-sessions.test.ts';
const fork = 'packages/server/src/host/fork.test.ts';
const agents = 'packages/agents/src/own-sessions.test.ts';
const history = 'packages/agents/src/map/history.test.ts';

/**
 * The sessions that agents themselves keep, and forks.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const ownSessions = [
  {
    name: 'takes up a session without its history where the agent could tell it',
    promise: 3,
    edits: [["? 'load' : 'resume'", "? 'resume' : 'resume'"]],
    test: agents,
    title: 'are taken up with what was said in them',
  },
  {
    name: 'keeps all that an agent tells of a session',
    promise: 5,
    test: history,
    title: 'of too much the newest is kept',
    short: true,
  },
  {
    name: 'shows what happened before a session as something of it',
    promise: 9,
    test: history,
    title: 'whose items are marked',
  },
  {
    name: 'loses what an agent tells of its session after it has answered',
    promise: 3,
    test: host,
    title: 'after its answer',
  },
  {
    name: 'counts what happened before the session against its budget',
    promise: 9,
    edits: [[" && event.origin !== 'imported'", '']],
    test: host,
    title: 'is listed, taken up with its turns as imported',
  },
  {
    name: 'takes a session up in a copy, which the agent has never seen',
    promise: 7,
    test: host,
    title: 'is of one directory',
  },
  {
    name: 'starts an agent for each who asks for the same page',
    promise: 5,
    test: host,
    title: 'is read once for all who ask',
  },
  {
    name: 'takes up a session of another directory, which may be outside of the roots',
    promise: 'S',
    edits: [[' && kept.cwd === cwd', '']],
    test: host,
    title: 'is of its directory',
    short: true,
  },
  {
    name: 'lists what the agent has said in other directories',
    promise: 'S',
    edits: [['kept.cwd === cwd && ', '']],
    test: host,
    title: 'is of its directory',
  },
  {
    name: 'gives an account the conversation of another',
    promise: 'S',
    test: host,
    title: 'belongs to the account whose session had it',
    short: true,
  },
  {
    name: 'gives an account what the owner has said to the agent',
    promise: 'S',
    test: host,
    title: 'that was begun elsewhere is for the owner alone',
  },
  {
    name: 'shows an account the conversations of another',
    promise: 'S',
    test: host,
    title: 'belongs to the account whose session had it',
  },
  {
    name: 'shows an account what the owner has said to the agent',
    promise: 'S',
    edits: [['account === OWNER_ACCOUNT || held.some(isIn(cwd))', 'true']],
    test: host,
    title: 'that was begun elsewhere is for the owner alone',
  },
  {
    name: 'lets two sessions go on with one conversation',
    promise: 4,
    test: host,
    title: 'is in one open session at a time',
  },
  {
    name: 'forks a conversation in the middle of a turn',
    promise: 4,
    test: fork,
    title: 'is refused while a turn runs',
  },
  {
    name: 'forks at another place than it was asked to',
    promise: 9,
    test: fork,
    title: 'is refused while a turn runs',
  },
];
