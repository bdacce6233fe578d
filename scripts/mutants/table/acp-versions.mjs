const translationTest = 'packages/agents/src/acp/v2/translation.test.ts';
const versionsTest = 'packages/agents/src/versions.test.ts';

/**
 * Agents of both versions of ACP: nothing that they say is lost or said twice, and each turn ends once.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const acpVersions = [
  {
    name: 'does not start an agent that refuses what it does not know',
    promise: 6,
    edits: [['newest === 1 || !(error instanceof AcpRequestError)', 'newest > 0']],
    test: versionsTest,
    title: 'is 1 where an agent refuses to hear of another',
  },
  {
    name: 'waits for ever for a turn that ended before the agent has said that it took the message',
    promise: 6,
    edits: [['end === undefined', 'end !== answer']],
    test: translationTest,
    title: 'may end before the agent says that it took the message',
  },
  {
    name: 'takes the state before a prompt, said again, for the end of its turn',
    promise: 6,
    edits: [['!wasBusy || ', '']],
    test: translationTest,
    title: 'does not end with a state that is only said again',
  },
  {
    name: 'takes the end of what the agent did of its own accord for that of the turn',
    promise: 6,
    edits: [['if (prompt.isTaken) return', 'return']],
    test: translationTest,
    title: 'does not end with what the agent did before it took the message',
  },
  {
    name: 'shows each message of the user twice',
    promise: 1,
    test: translationTest,
    title: 'ends when the agent is idle after it has taken the message',
  },
  {
    name: 'says again what an agent has said in pieces',
    promise: 1,
    edits: [['entry.said.begins(all) ? behind(blocks, before) : blocks', 'blocks']],
    test: translationTest,
    title: 'that is given whole after its pieces says nothing new',
  },
  {
    name: 'allows a change of a file that no path of the request names',
    promise: 'S',
    test: translationTest,
    title: 'tells a change without lines in words, and names its paths',
  },
  {
    name: 'asks, and does not show what',
    promise: 8,
    edits: [["said === ''", 'said !== title']],
    test: translationTest,
    title: 'about a tool call has that, and tells its own words',
  },
  {
    name: 'keeps all that a terminal shows which no call shows',
    promise: 5,
    edits: [['terminal.waiting.length > MAX_WAITING', 'terminal.waiting === undefined']],
    test: translationTest,
    title: 'that no call shows does not keep any amount',
  },
];
