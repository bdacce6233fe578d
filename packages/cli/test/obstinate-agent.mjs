import { createInterface } from 'node:readline';

// An agent that sends its process id, and then never ends its turn and ignores everything, even the end of its input.
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
setInterval(() => undefined, 60_000);
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  if (method === 'initialize') send({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
  else if (method === 'session/new') send({ id, result: { sessionId: 'obstinate' } });
  else if (method === 'session/prompt') {
    const update = {
      sessionUpdate: 'agent_message_chunk',
      content: { type: 'text', text: `I am process ${process.pid}.` },
    };
    send({ method: 'session/update', params: { sessionId: 'obstinate', update } });
  }
}
