const sessionTest = 'packages/server/src/sessions/session.test.ts';
const hostTest = 'packages/server/src/host/session-host.test.ts';
const unresponsiveTest = 'packages/server/src/sessions/unresponsive-agents.test.ts';
const policyTest = 'packages/server/src/sessions/approval-policy.test.ts';
const statesTest = 'packages/server/src/sessions/states.test.ts';
const turnsTest = 'packages/server/src/sessions/turns.test.ts';
const agentTest = 'packages/agents/src/turn.test.ts';
const toolCallTest = 'packages/agents/src/map/tool-call.test.ts';
const agentTurnsTest = 'packages/server/src/sessions/agent-turns.test.ts';
const configureTest = 'packages/agents/src/configure.test.ts';
const openAgentTest = 'packages/agents/src/open-agent.test.ts';
const ownTurnsTest = 'packages/agents/src/agent-turns.test.ts';
const spokenModeTest = 'packages/agents/src/map/spoken-mode.test.ts';
const budgetTest = 'packages/server/src/sessions/budget.test.ts';
const foldTest = 'packages/server/src/journal/fold.test.ts';
const restoreTest = 'packages/agents/src/restore-settings.test.ts';
const requestsTest = 'packages/agents/src/requests.test.ts';

/**
 * Promise 6: every turn ends, and the session takes the next submission.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const turns = [
  {
    name: 'has no end for a turn whose agent has died',
    promise: 6,
    edits: [["logger.warn({ err: error, turn_id: turnId }, 'the turn failed');", 'throw error;']],
    test: sessionTest,
    title: 'ends the turn of an agent that dies',
    short: true,
  },
  {
    name: 'takes the name of what every object has for a reason',
    promise: 6,
    edits: [['!Object.hasOwn(RESULTS, stopReason)', '!(stopReason in RESULTS)']],
    test: 'packages/agents/src/failing-agents.test.ts',
    title: 'to session/prompt fails the turn',
  },
  {
    name: 'leaves a turn without an end whose end does not fit',
    promise: 6,
    edits: [
      [
        'const { turn_id, submission_id } = event;',
        'return { type: "notice", level: "error", code: "invalid_event", message };',
      ],
    ],
    test: 'packages/server/src/journal/journal.test.ts',
    title: 'puts an end that says less',
  },
  {
    name: 'has more to say of a failure than an event takes',
    promise: 6,
    edits: [['readText(message, MAX_MESSAGE)', 'message']],
    test: 'packages/agents/src/failing-agents.test.ts',
    title: 'fails at great length',
  },
  {
    name: 'gives the next message to an agent that has died',
    promise: 6,
    test: sessionTest,
    title: 'starts it again for the next message',
  },
  {
    name: 'gives the next message to an agent that is being ended',
    promise: 6,
    test: 'packages/server/src/sessions/agent-slot.test.ts',
    title: 'gives nothing more to an agent that is being ended',
  },
  {
    name: 'waits for the start of an agent that is to be ended',
    promise: 6,
    test: 'packages/server/src/sessions/agent-slot.test.ts',
    title: 'calls off the start of an agent that is to be ended',
  },
  {
    name: 'starts an agent for a session that has ended',
    promise: 6,
    edits: [['if (retired) throw', 'if (!retired) void']],
    test: 'packages/server/src/sessions/agent-slot.test.ts',
    title: 'starts no agent once it has been retired',
  },
  {
    name: 'waits for an agent that does not obey an interrupt',
    promise: 6,
    test: turnsTest,
    title: 'whose agent does not obey an interrupt',
  },
  {
    name: 'waits for ever for an approval',
    promise: 6,
    edits: [['const timer = setTimeout(onTimeout, timeout);', 'const timer = setTimeout(String, timeout);']],
    test: sessionTest,
    title: 'rejects an approval that nobody answers in time',
  },
  {
    name: 'leaves an approval open when its turn ends',
    promise: 6,
    edits: [['events: [...open.events, ...patches.ending(what)]', 'events: [...patches.ending(what)]']],
    test: 'packages/server/src/host/recover.test.ts',
    title: 'ends the turn that ran',
  },
  {
    name: 'does not tell who was asked that the turn is over',
    promise: 6,
    test: requestsTest,
    title: 'is withdrawn when the turn ends without its answer',
  },
  {
    name: 'ends a turn before the last that the agent said in it',
    promise: 6,
    edits: [['await ended;', 'void ended;']],
    test: agentTest,
    title: 'resolves after all its events were handed over',
  },
  {
    name: 'ends the turn of an agent before the last that it said in it',
    promise: 6,
    edits: [['await Promise.race([connection.closed, delay(READ_GRACE_MS, undefined, { ref: false })]);', '']],
    test: agentTest,
    title: 'of an agent that is closed ends after all that it had said',
  },
  {
    name: 'mixes what sub-agents say at the same time',
    promise: 9,
    edits: [['messages.set(parent, message);', 'messages.set(undefined, message);']],
    test: 'packages/agents/src/map/sub-agents.test.ts',
    title: 'what sub-agents say and do at the same time is kept apart',
  },
  {
    name: 'takes the end of a turn before what came ahead of it',
    promise: 6,
    test: agentTest,
    title: 'resolves after all its events were handed over',
  },
  {
    name: 'leaves an agent without an answer where the server fails',
    promise: 6,
    edits: [
      [
        'answered(signal).catch(() => cancelled)',
        'answered(signal).catch(() => new Promise<Outcome>(() => undefined))',
      ],
    ],
    test: requestsTest,
    title: 'whose handler fails is answered all the same',
  },
  {
    name: 'closes a session and leaves queued turns without an end',
    promise: 6,
    edits: [['endsOf(journal.head.queue, SESSION_CLOSED)', '[]']],
    test: hostTest,
    title: 'closes a session: its turns end',
  },
  {
    name: 'clears a queue and leaves its turns without an end',
    promise: 6,
    edits: [['...endsOf(cleared, INTERRUPTED), ', '']],
    test: sessionTest,
    title: 'interrupts the one and clears the others',
  },
  {
    name: 'takes an answer that the agent of an interrupted turn does not get',
    promise: 6,
    edits: [['cancelQuestions(approvals, elicitations);', '({ events: [], released: () => undefined });']],
    test: 'packages/server/src/sessions/interrupted-questions.test.ts',
    title: 'is too late, in the log and for the agent',
  },
  {
    name: 'asks the user for a turn that is interrupted',
    promise: 6,
    edits: [['if (isInterrupted()) {', 'if (journal === undefined) {']],
    test: 'packages/server/src/sessions/interrupted-questions.test.ts',
    title: 'asks after the interrupt',
  },
  {
    name: 'begins a turn that was interrupted before',
    promise: 6,
    edits: [['parts.interrupted.aborted', 'parts.interrupted === undefined']],
    test: agentTest,
    title: 'cancelled before the agent heard of it never begins',
  },
  {
    name: 'never takes notice of a silent agent',
    promise: 6,
    edits: [['if (working && questions === 0) idleTimer?.restart();', 'if (questions === -1) idleTimer?.restart();']],
    test: unresponsiveTest,
    title: 'is ended with its cause',
  },
  {
    name: 'ends an agent that gives signs of life',
    promise: 6,
    test: unresponsiveTest,
    title: 'goes on while it gives signs of life',
  },
  {
    name: 'ends an agent that waits for a person',
    promise: 6,
    edits: [['questions += 1;', 'questions += 0;']],
    test: unresponsiveTest,
    title: 'waits for a person as long as that takes',
  },
  {
    name: 'leaves idle agents running',
    promise: 6,
    test: unresponsiveTest,
    title: 'brought back in its conversation by the next message',
  },
  {
    name: 'ends an agent in the middle of a turn since nothing happens',
    promise: 6,
    edits: [['const busy = state.turn_id !== null ||', 'const busy =']],
    test: unresponsiveTest,
    title: 'is not ended while a turn runs',
  },
  {
    name: 'ends an agent that forgets its conversation by that',
    promise: 6,
    edits: [["slot.current?.info.capabilities.includes('resume') !== true", 'slot.current === undefined']],
    test: unresponsiveTest,
    title: 'is kept where it could not',
  },
  {
    name: 'lets a request have a more permissive policy than the operator allows',
    promise: 7,
    edits: [['if (cappedPolicy(asked, most) === asked) return asked;', 'if (asked) return asked;']],
    test: policyTest,
    title: 'allows no more',
  },
  {
    name: 'lets sessions keep a policy that the operator allows no more',
    promise: 7,
    edits: [['if (approval_policy !== state.approval_policy)', 'if (approval_policy === undefined)']],
    test: policyTest,
    title: 'is obeyed by the sessions that there are',
  },
  {
    name: 'waits for an agent that does not answer a configure',
    promise: 6,
    edits: [['await Promise.race([answer, late]);', 'await answer;']],
    test: 'packages/server/src/sessions/submissions.test.ts',
    title: 'keeps nobody waiting',
  },
  {
    name: 'forgets the end of a turn when a session could not be closed',
    promise: 6,
    test: statesTest,
    title: 'a session, unwritable, on close:',
  },
  {
    name: 'takes another tool call for one that has ended, if the agent gives both one id',
    promise: 6,
    edits: [["sessionUpdate === 'tool_call_update' ? saidEnd && isBeginning(status) : done", 'false']],
    test: toolCallTest,
    title: 'with the id of one that has ended are others',
  },
  {
    name: 'leaves a tool call open when its turn has ended',
    promise: 6,
    test: toolCallTest,
    title: 'left open end with the turn',
  },
  {
    name: 'joins what the agent says before and after a plan',
    promise: 6,
    test: 'packages/agents/src/map/message.test.ts',
    title: 'end where a plan or a question comes in between',
  },
  {
    name: 'has no turn for what an agent says when nothing was asked',
    promise: 6,
    test: agentTurnsTest,
    title: 'is a turn that it began',
  },
  {
    name: 'shows a change of the mode as something said',
    promise: 6,
    edits: [['hearMode(readObject(update) ?? {}, mapper.state)', '(void hearMode, readObject(update) ?? {})']],
    test: ownTurnsTest,
    title: 'is none of it where it only says which mode it is in',
  },
  {
    name: 'takes any text that looks like it for a mode',
    promise: 8,
    edits: [
      ['modes?.available.some(({ mode_id }) => mode_id === currentModeId) === true', 'currentModeId !== undefined'],
    ],
    test: spokenModeTest,
    title: 'stays what it is',
  },
  {
    name: 'never ends a turn that the agent began',
    promise: 6,
    test: agentTurnsTest,
    title: 'is a turn that it began',
  },
  {
    name: 'keeps a message waiting until the agent is silent',
    promise: 6,
    test: agentTurnsTest,
    title: 'has its place before a message that waits already',
  },
  {
    name: 'lets an agent that goes on talking keep a message waiting',
    promise: 6,
    edits: [['wishes.isWaiting && !(wasOwn && message !== undefined)', 'wishes.isWaiting']],
    test: agentTurnsTest,
    title: 'keeps no message waiting, however long it goes on',
  },
  {
    name: "begins a turn of the agent's in the middle of another one",
    promise: 6,
    edits: [['stopped || (running !== undefined && running.of.turn_id !== after)', 'stopped']],
    test: turnsTest,
    title: 'does not begin while that of a message runs',
  },
  {
    name: 'puts what belongs to an earlier turn into the one that runs',
    promise: 6,
    edits: [['turn.origin === undefined && turn.items.isLate(update)', "turn.id === ''"]],
    test: agentTurnsTest,
    title: 'is in notices while another turn runs',
  },
  {
    name: 'takes what an agent repeats of its conversation for something new',
    promise: 2,
    test: agentTurnsTest,
    title: 'is in no turn, and in no notice',
  },
  {
    name: 'begins a new conversation where a login would have brought the old one back',
    promise: 2,
    test: openAgentTest,
    title: 'by load comes after the login that it wants',
  },
  {
    name: 'gives the agent a message while it still repeats its conversation',
    promise: 2,
    test: agentTurnsTest,
    title: 'is in no turn, and in no notice: load-late',
  },
  {
    name: 'forgets all options when an agent answers without them',
    promise: 8,
    edits: [['readObjects(answered, 256).some((one) => one.id === id)', 'true || readObjects(answered, 256)']],
    test: configureTest,
    title: 'counts, and the others stay',
  },
  {
    name: 'forgets all options for an update that has none',
    promise: 8,
    test: 'packages/agents/src/map/map-session-update.test.ts',
    title: 'keeps what an update of an odd shape does not have',
  },
  {
    name: 'chooses one of several models that are called alike',
    promise: 8,
    edits: [['(isModel && another === undefined)', '(isModel && another !== null)']],
    test: configureTest,
    title: 'is refused where it could be several',
  },
  {
    name: 'keeps the values that each process of an agent begins with',
    promise: 3,
    edits: [['wanted.filter(differs)) {', 'wanted.filter(() => false)) {']],
    test: restoreTest,
    title: 'and resumes has the settings',
  },
  {
    name: 'shows no settings of an agent that does not name them again when it resumes',
    promise: 3,
    edits: [['if (state.modes === undefined && modes)', 'if (state.modes === null && modes)']],
    test: restoreTest,
    title: 'and resumes and says nothing of its settings has',
  },
  {
    name: 'loses the settings of a session with the process of its agent',
    promise: 3,
    edits: [['{ ...(modes && { modes }), configOptions: config_options }', '{ configOptions: config_options }']],
    test: 'packages/server/src/sessions/failing-agents.test.ts',
    title: 'has the mode that its session shows',
  },
  {
    name: 'replaces the title that a person gave by the one of an agent',
    promise: 3,
    edits: [["event.type !== 'session_updated' ||", "event.type !== '' ||"]],
    test: hostTest,
    title: 'keeps the title that was given',
  },
  {
    name: 'promises a model where the agent has shown that it offers none',
    promise: 9,
    edits: [['modelIsOption && last !== undefined &&', 'modelIsOption && last === null &&']],
    test: 'packages/server/src/create-server.test.ts',
    title: 'says whether an agent takes a model',
  },
  {
    name: 'shows fewer than no tokens for an agent that counts by turn',
    promise: 9,
    test: 'packages/agents/src/usage-meter.test.ts',
    title: 'once its count has become smaller',
  },
  {
    name: 'shows nothing at all for a message that the agent could not answer',
    promise: 6,
    edits: [['isEmpty ? mapper', 'isEmpty === null ? mapper']],
    test: agentTest,
    title: 'in which nothing came says so',
  },
  {
    name: 'keeps to itself why the agent has forgotten its conversation',
    promise: 6,
    edits: [['reason === undefined ?', 'reason !== null ?']],
    test: 'packages/server/src/sessions/failing-agents.test.ts',
    title: 'and offers neither way back begins anew',
  },
  {
    name: 'gives the agent turns for which the budget has nothing left',
    promise: 6,
    test: budgetTest,
    title: 'of turns lets the last one end',
    short: true,
  },
  {
    name: 'lets a turn go on when the budget is spent',
    promise: 6,
    test: budgetTest,
    title: 'of cost ends the turn that runs',
  },
  {
    name: 'takes no notice of the time while an agent is silent',
    promise: 6,
    test: budgetTest,
    title: 'of seconds ends a turn',
  },
  {
    name: 'lets an agent go on by itself when the budget is spent',
    promise: 6,
    test: budgetTest,
    title: 'leaves no turn for what the agent does by itself',
  },
  {
    name: 'counts the time in which a person is asked',
    promise: 6,
    edits: [["state.status !== 'running' || wasDown", 'state.turn_id === null || wasDown']],
    test: foldTest,
    title: 'is its turns, and the time',
  },
  {
    name: 'counts the time in which the server did not run',
    promise: 6,
    edits: [['const wasDown =', 'const wasDown = event === null &&']],
    test: foldTest,
    title: 'is not the time until a server was started again',
  },
  {
    name: 'shows no session whose events an older release has removed',
    promise: 3,
    edits: [['...NO_BOUNDS, ', '']],
    test: foldTest,
    title: 'where an older release has kept the state',
  },
  {
    name: 'takes an image for an agent that takes none',
    promise: 9,
    test: 'packages/server/src/sessions/failing-agents.test.ts',
    title: 'an image is refused for an agent that takes none',
  },
  {
    name: 'gives an image to an agent that takes none',
    promise: 9,
    test: 'packages/server/src/sessions/failing-agents.test.ts',
    title: 'an image is refused for an agent that takes none',
  },
  {
    name: 'waits for an answer that has come and cannot be read',
    promise: 6,
    test: 'packages/agents/src/failing-agents.test.ts',
    title: 'a message that cannot be read ends the wait',
  },
];
