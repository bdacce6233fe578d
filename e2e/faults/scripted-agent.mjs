import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

// An agent that speaks ACP by hand. Its prompt is JSON: `key` names it, `pieces` is how many pieces of a message it says,
// `size` how long each is, `pauseMs` what it waits after each `burst` of them (left out: as fast as it is read). It writes down what it is,
// and each key before it says anything. It outlives the end of its input, as a careless agent would, but not the test.

const [journal = '', test = ''] = process.argv.slice(2);
const sessionId = 'scripted';
let cancelled = false;

write({ started: process.pid });
setInterval(endWithTest, 1_000);
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') reply(id, { protocolVersion: 1, agentCapabilities: {} });
  else if (method === 'session/new') reply(id, { sessionId });
  else if (method === 'session/cancel') cancelled = true;
  else if (method === 'session/prompt') void play(id, JSON.parse(params.prompt[0].text));
}

/**
 * @param {unknown} id
 * @param {{key: string, pieces: number, size?: number, pauseMs?: number, burst?: number}} prompt
 */
async function play(id, { key, pieces, size = 0, pauseMs, burst = 1 }) {
  write({ key });
  cancelled = false;
  for (let piece = 1; piece <= pieces && !cancelled; piece += 1) {
    const text = `${key} ${piece} 排序 `.padEnd(size, '.');
    const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } };
    const taken = send({ method: 'session/update', params: { sessionId, update } });
    if (!taken) await new Promise((resolve) => process.stdout.once('drain', resolve));
    if (pauseMs !== undefined && piece % burst === 0) await delay(pauseMs);
  }
  reply(id, { stopReason: cancelled ? 'cancelled' : 'end_turn' });
}

/** @param {object} line */
function write(line) {
  appendFileSync(journal, `${JSON.stringify(line)}\n`);
}

/**
 * @param {unknown} id
 * @param {object} result
 */
function reply(id, result) {
  send({ id, result });
}

/** @param {object} message */
function send(message) {
  return process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

/** Ends this agent with the test: if the test was killed, nothing else would end it. */
function endWithTest() {
  try {
    process.kill(Number(test), 0);
  } catch {
    process.exit();
  }
}
