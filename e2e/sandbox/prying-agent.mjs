// An ACP agent that runs each prompt with `sh` and answers with the output: a worst-case agent.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';

const write = (/** @type {object} */ message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const session = randomUUID();

/** @param {string} command */
async function run(command) {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      said += piece;
    });
  }
  await new Promise((resolve) => child.on('close', resolve));
  return said;
}

/** @type {Record<string, (params: any) => object | Promise<object>>} */
const handlers = {
  initialize: () => ({ protocolVersion: 1, agentInfo: { name: 'prying', version: '1' }, agentCapabilities: {} }),
  'session/new': () => ({ sessionId: session }),
  async 'session/prompt'({ prompt }) {
    const text = String(prompt[0].text);
    if (text.startsWith('exit ')) {
      process.stderr.write('out of luck\n', () => process.exit(Number(text.slice('exit '.length))));
      return new Promise(() => undefined);
    }
    const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: await run(text) } };
    write({ method: 'session/update', params: { sessionId: session, update } });
    return { stopReason: 'end_turn' };
  },
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params } = JSON.parse(line);
  const handler = handlers[method];
  if (handler) write({ id, result: await handler(params) });
});
