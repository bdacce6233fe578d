#!/usr/bin/env node
// An ACP agent that leaks its environment in every possible way: `leaky-agent.mjs` or `leaky-agent.mjs fails`.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const all = () =>
  Object.entries(process.env)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
const write = (/** @type {object} */ message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const update = (/** @type {object} */ fields) =>
  write({ method: 'session/update', params: { sessionId: 's', update: fields } });
const text = (/** @type {string} */ words) => ({ type: 'text', text: words });

process.stderr.write(`starting with\n${all()}\n`);
if (process.argv[2] === 'fails') process.exit(3);

/** @type {Record<string, (id: number) => void>} */
const prompts = {
  /** Leaks it in pieces too short for a whole key, as a tool call, as a plan, and as an error. */
  tell(id) {
    for (const part of all().match(/[\s\S]{1,7}/g) ?? [])
      update({ sessionUpdate: 'agent_message_chunk', content: text(part) });
    const call = { toolCallId: 'env', title: all(), kind: 'execute', status: 'completed', rawInput: process.env };
    update({ sessionUpdate: 'tool_call', ...call, content: [{ type: 'content', content: text(all()) }] });
    update({ sessionUpdate: 'plan', entries: [{ content: all(), priority: 'high', status: 'pending' }] });
    write({ id, error: { code: -32603, message: 'Internal error', data: { details: `refused: ${all()}` } } });
  },
  ask(id) {
    const toolCall = { toolCallId: 'ask', title: `run ${all()}`, kind: 'execute', status: 'pending' };
    const options = [{ optionId: 'no', name: 'No', kind: 'reject_once' }];
    write({ id: 'ask', method: 'session/request_permission', params: { sessionId: 's', toolCall, options } });
    answered = () => write({ id, result: { stopReason: 'end_turn' } });
  },
  /** Reads a file that it can read but should not. */
  steal(id) {
    const file = readFileSync(process.env.LEAKY_STEALS ?? '', 'utf8');
    update({ sessionUpdate: 'agent_message_chunk', content: text(file) });
    write({ id, result: { stopReason: 'end_turn' } });
  },
  die: () => process.stderr.write(`dying with\n${all()}\n`, () => process.exit(4)),
};
/** @type {() => void} */
let answered = () => undefined;

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') write({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
  else if (method === 'session/new') write({ id, result: { sessionId: 's' } });
  else if (method === 'session/prompt') prompts[params.prompt[0].text]?.(id);
  else if (method === undefined) answered();
});
