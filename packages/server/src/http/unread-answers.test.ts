import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { ServiceError } from '@parleyhq/contract';
import { expect, it, onTestFinished } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { createUnreadAnswers, type UnreadLimits } from './unread-answers.js';

/** More than the system takes for a peer that does not read. */
const SIZE = 20_000_000;

/** A server that answers `/SENDER/SIZE` with as many characters. */
async function open(limits: Partial<UnreadLimits> = {}) {
  const unread = createUnreadAnswers({
    ...{ maxUnreadSize: 2.5 * SIZE, maxUnreadSizePerCredential: 1.5 * SIZE, requestTimeoutMs: 60_000 },
    ...limits,
  });
  const server = createServer((request, response) => {
    const [, sender = '', size] = request.url?.split('/') ?? [];
    try {
      unread.add(response, Number(size), sender);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return response.writeHead(error.status, { 'retry-after': String(error.retryAfter) }).end();
    }
    return response.end('x'.repeat(Number(size)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  return {
    /** The status of a large answer that is read. */
    async ask(sender: string, size = SIZE) {
      const response = await fetch(`http://127.0.0.1:${port}/${sender}/${size}`);
      await response.arrayBuffer();
      return response.status;
    },
    /** A connection that asks for a large answer and takes none of it. */
    async stall(sender: string) {
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.write(`GET /${sender}/${SIZE} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await once(socket, 'readable');
      return socket;
    },
  };
}

itInAll('a large answer is refused while too much is not taken; small ones and those of others pass', async () => {
  const { ask, stall } = await open();
  expect([await ask('one'), await ask('one'), await ask('one')]).toEqual([200, 200, 200]);
  const stalled = await stall('one');
  expect([await ask('one'), await ask('one', 1_000), await ask('other')]).toEqual([429, 200, 200]);
  await stall('other');
  expect(await ask('third')).toBe(429);
  stalled.destroy();
  await expect.poll(() => ask('one')).toBe(200);
});

it('who takes nothing for a while is let go', async () => {
  const { ask, stall } = await open({ requestTimeoutMs: 100 });
  const stalled = await stall('one');
  await expect.poll(() => ask('one')).toBe(200);
  stalled.resume();
  await once(stalled, 'close');
});
