const agent = 'packages/agents/src/log-in-agent.test.ts';
const cli = 'packages/cli/src/agents/agents.test.ts';
const server = 'packages/server/src/http/agent-login.test.ts';

/**
 * Logins of agents: who starts them, and what becomes of their processes.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const loginsOfAgents = [
  {
    name: 'lets any account log an agent in, for all the others too',
    promise: 'S',
    edits: [['OF_THE_OWNER.has(operationId) && !isOwner(principal)', "operationId === 'login'"]],
    test: server,
    title: 'only the owner sees what has to be done',
  },
  {
    name: 'shows the page of a login to somebody who could log in there as somebody else',
    promise: 'S',
    edits: [['showLogin ? agentLogins.loginOf(name) : undefined', 'agentLogins.loginOf(name)']],
    test: server,
    title: 'only the owner sees what has to be done',
  },
  {
    name: 'goes on with a login that nobody waits for',
    promise: 'S',
    test: server,
    title: 'goes on as long as its client waits',
  },
  {
    name: 'starts any number of processes, and mixes up what they show',
    promise: 'S',
    edits: [['if (running.has(agent)) {', "if (agent === '') {"]],
    test: server,
    title: 'one at a time',
  },
  {
    name: 'tells an agent a secret by this operation, or that a form was filled in',
    promise: 'S',
    edits: [
      [
        'return refuse(entry);',
        "return entry.kind === 'elicitation' ? entry.answer({ action: 'accept' }) : refuse(entry);",
      ],
    ],
    test: agent,
    title: 'gives no form to fill in',
  },
  {
    name: 'gives an agent a method that only a person at a terminal can use',
    promise: 9,
    edits: [['if (method.isTerminal) throw', "if (id === '') throw"]],
    test: agent,
    title: 'by a method for a terminal',
  },
  {
    name: 'keeps an agent for ever whose login nobody finishes',
    promise: 'S',
    edits: [['AbortSignal.timeout(loginTimeoutMs), late', 'new AbortController().signal, late']],
    test: agent,
    title: 'that nobody finishes ends',
  },
  {
    name: 'leaves a process behind that was only asked something',
    promise: 'S',
    test: agent,
    title: 'of an agent that needs a key',
  },
  {
    name: 'asks an agent for what it does not have',
    promise: 9,
    edits: [['authMethods.length === 0', 'authMethods.length < 0']],
    test: agent,
    title: 'of an agent without methods',
  },
  {
    name: 'lets an agent wait for a key that it does not get',
    promise: 9,
    edits: [['!keys.areSet(env)', "id === ''"]],
    test: agent,
    title: 'of an agent that needs a key',
  },
  {
    name: 'leaves the agent of a login behind that was given up',
    promise: 'S',
    test: cli,
    title: 'gives up at Ctrl-C',
  },
  {
    name: 'has a user paste what an agent wrote into a shell',
    promise: 'S',
    edits: [['/^[\\w.:/=@-]+$/.test(word)', "word !== ''"]],
    test: cli,
    title: 'gives up at Ctrl-C',
  },
];
