import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../test/start-server.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Sends bytes as they are and closes only where `ends` says so; resolves with what came until the server did. */
async function sendRaw(
  url: string,
  sent: string,
  ends = false,
): Promise<{ head: string; text: string; socket: Socket }> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.setEncoding('utf8').on('data', (text) => {
    received += text;
  });
  socket.write(sent);
  if (ends) socket.end();
  await once(socket, 'end');
  const [head = '', text = ''] = received.split('\r\n\r\n', 2);
  return { head, text, socket };
}

describe('invalid HTTP', () => {
  it('is answered with an error of the contract and its request id', async () => {
    const { url } = await startServer();
    const { head, text } = await sendRaw(url, 'GET / HTTP/1.1\r\nBad Name: x\r\n\r\n');
    const body = JSON.parse(text);
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(body).toMatchObject({ code: 'InvalidRequest', request_id: expect.stringMatching(UUID) });
    expect(head).toContain(`X-Request-Id: ${body.request_id}`);
  });

  it('holds no connection, though its sender never closes it', async () => {
    const { url } = await startServer();
    const { socket } = await sendRaw(url, 'GARBAGE\r\n\r\n');
    const broken = once(socket, 'error');
    // A peer that has closed only its half would go on taking these.
    const write = (error?: Error | null) => void (error ? undefined : socket.write('x', write));
    write();
    expect(await broken).toMatchObject([{ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) }]);
  });

  it('may lack a Host or expect what nobody offers: the checks answer, not Node', async () => {
    const { url, bearer } = await startServer();
    const close = 'Connection: close\r\n\r\n';
    const nameless = await sendRaw(url, `GET /api/health HTTP/1.1\r\n${close}`);
    expect(nameless.head).toMatch(/^HTTP\/1\.1 403 /);
    expect(JSON.parse(nameless.text)).toMatchObject({ code: 'Forbidden', message: expect.stringContaining('(none)') });
    const lines = ['Host: localhost', `Authorization: ${bearer.authorization}`, 'Expect: the impossible'];
    const expecting = await sendRaw(url, `GET /api/agents HTTP/1.1\r\n${lines.join('\r\n')}\r\n${close}`);
    expect(expecting.head).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('may be HTTP/1.0, which cannot tell the end of a 426 without its length', async () => {
    const { url, bearer, createSession } = await startServer();
    const session = await createSession();
    const lines = ['Host: localhost', `Authorization: ${bearer.authorization}`];
    const { head, text } = await sendRaw(url, `GET ${session}/events HTTP/1.0\r\n${lines.join('\r\n')}\r\n\r\n`, true);
    expect(head).toMatch(/^HTTP\/1\.1 426 /);
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(text)}`);
  });
});

describe('a request that is refused before all of it has come', () => {
  it.each(['Expect: 100-continue', 'Connection: close'])(
    'tells why to a client that reads only at its end: %s',
    async (line) => {
      const { url, bearer } = await startServer();
      const body = Buffer.alloc(33_554_432, ' ');
      const lines = [`Authorization: ${bearer.authorization}`, line, `Content-Length: ${body.length}`];
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
      onTestFinished(() => void socket.destroy());
      socket.write(`POST /api/sessions HTTP/1.1\r\nHost: localhost\r\n${lines.join('\r\n')}\r\n\r\n`);
      await new Promise<void>((resolve, reject) => {
        socket.on('error', reject).write(body, () => resolve());
      });
      expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 413 .*"PayloadTooLarge"/s);
    },
  );
});
