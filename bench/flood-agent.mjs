import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setInterval as ticks } from 'node:timers/promises';

// An agent that sends as many pieces of a message as its prompt asks for, as fast as it is read or one every few
// milliseconds. It speaks ACP without a library and writes the same line again and again, to use little of the machine.
// With `stamped`, each piece contains the time of writing, by the clock that all processes of the machine share.

const TEXT = 'A few words, as a model says them. ';
const LINES_A_WRITE = 256;
const sessionId = 'flood';
const piece = toPiece(TEXT);

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') reply(id, { protocolVersion: 1, agentCapabilities: {} });
  else if (method === 'session/new') reply(id, { sessionId });
  else if (method === 'session/prompt') {
    const { pieces, pauseMs, stamped = false } = JSON.parse(params.prompt[0].text);
    await (pauseMs > 0 ? trickle(pieces, pauseMs, stamped) : flood(pieces));
    reply(id, { stopReason: 'end_turn' });
  }
}

/** @param {number} count */
async function flood(count) {
  const many = Buffer.from(piece.repeat(LINES_A_WRITE));
  for (let left = count; left > 0; left -= LINES_A_WRITE) {
    const bytes = left >= LINES_A_WRITE ? many : Buffer.from(piece.repeat(left));
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
  }
}

/**
 * @param {number} count
 * @param {number} pauseMs
 * @param {boolean} stamped
 */
async function trickle(count, pauseMs, stamped) {
  let left = count;
  for await (const _ of ticks(pauseMs)) {
    process.stdout.write(stamped ? toPiece(String(process.hrtime.bigint())) : piece);
    left -= 1;
    if (left === 0) return;
  }
}

/**
 * @param {unknown} id
 * @param {object} result
 */
function reply(id, result) {
  process.stdout.write(toLine({ id, result }));
}

/** @param {string} text */
function toPiece(text) {
  const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } };
  return toLine({ method: 'session/update', params: { sessionId, update } });
}

/** @param {object} message */
function toLine(message) {
  return `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
}
