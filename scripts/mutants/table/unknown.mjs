const _connection = 'packages/client/src/stream/connection.ts';
const _sessionEvent = 'packages/client/src/stream/session-event.ts';
const _mapUpdate = 'packages/agents/src/map/map-update.ts';
const agentTest = 'packages/agents/src/failing-agents.test.ts';
const connectionTest = 'packages/client/src/stream/connection.test.ts';

/**
 * Promises 8 and 9: what is unknown is not fatal, and what is sent fits the contract.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const unknown = [
  {
    name: 'fails for an event of an unknown type',
    promise: 8,
    edits: [
      [
        "return { type: 'unknown', id, timestamp, reason: 'unknown_type', raw: payload, problems: [] };",
        "throw new Error('unknown');",
      ],
    ],
    test: connectionTest,
    title: 'delivers what it cannot read as unknown',
  },
  {
    name: 'passes over an event that does not fit',
    promise: 8,
    edits: [['if (invalid) event(invalid, text.length);', 'if (invalid) return;']],
    test: connectionTest,
    title: 'delivers what it cannot read as unknown',
  },
  {
    name: 'drops the connection for an event that does not fit',
    promise: 8,
    edits: [['if (invalid) event(invalid, text.length);', "if (invalid) drop('invalid');"]],
    test: connectionTest,
    title: 'delivers what it cannot read as unknown',
    short: true,
  },
  {
    name: 'drops the connection for a frame that it does not know',
    promise: 8,
    edits: [
      [
        "else logger.warn('The server sent a frame that does not fit the contract; it is passed over.', parsed);",
        "else drop('unknown');",
      ],
    ],
    test: connectionTest,
    title: 'passes over frames of unknown types',
  },
  {
    name: 'fails for a page of the log with such an event',
    promise: 8,
    edits: [['toInvalidEvent(item, result.problems)', 'undefined']],
    test: 'packages/client/src/session.test.ts',
    title: 'reads the history to its end',
  },
  {
    name: 'fails for an update of an agent that it does not know',
    promise: 8,
    edits: [["tellOnce(kind, 'agent_update_ignored', message);", 'throw new Error(message);']],
    test: agentTest,
    title: 'unknown and malformed updates become one notice',
  },
  {
    name: 'lets an event pass that does not fit the contract',
    promise: 9,
    edits: [['if (checked.ok) return event;', 'if (event) return event;']],
    test: 'packages/server/src/journal/journal.test.ts',
    title: 'puts a notice in the place of an event that does not fit',
    short: true,
  },
  {
    name: 'lets an answer pass that does not fit the contract',
    promise: 9,
    edits: [['if (result.ok) return undefined;', 'if (result) return undefined;']],
    test: 'packages/server/src/http/check-answer.test.ts',
    title: 'an answer that does not fit the contract',
  },
  {
    name: 'lets an answer pass with a status that is not documented',
    promise: 9,
    edits: [['if (!isError && !statuses.includes(status))', 'if (status < 100)']],
    test: 'packages/server/src/http/check-answer.test.ts',
    title: 'a status that is not documented',
  },
  {
    name: 'lets an event pass that is longer than the contract says',
    promise: 9,
    edits: [['out.push(fitEvent(event) ?? placed(', 'out.push(event ?? placed(']],
    test: 'packages/agents/src/map/tool-call.test.ts',
    title: 'never make an event longer than 256 KiB',
  },
  {
    name: 'sends what does not fit the contract',
    promise: 9,
    edits: [['if (request.body === null) return;', 'return;']],
    test: 'packages/client/src/http/check-request.test.ts',
    title: 'is not sent',
  },
  {
    name: "takes half a character of a client's frame",
    promise: 9,
    edits: [['wellFormedJson(text)', 'text']],
    test: 'packages/server/src/socket/frames.test.ts',
    title: 'half of a character',
  },
  {
    name: 'takes half a character of a request',
    promise: 9,
    edits: [['wellFormedJson(JSON.stringify(body))', 'JSON.stringify(body)']],
    test: 'packages/server/src/http/bad-input.test.ts',
    title: 'takes U+FFFD for half of a character',
  },
  {
    name: 'resets a connection before its client has read why',
    promise: 9,
    test: 'packages/server/src/http/client-error.test.ts',
    title: 'tells why to a client that reads only at its end',
  },
  {
    name: 'takes half a character of what an agent says',
    promise: 9,
    edits: [['isSuspicious(line) || characters.waits ? characters.pass(given) : [given]', '[given]']],
    test: 'packages/agents/src/failing-agents.test.ts',
    title: 'half a character is none',
  },
];
