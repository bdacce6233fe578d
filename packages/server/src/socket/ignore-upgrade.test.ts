import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startServer } from '../../test/start-server.js';

const OFFER = ['Host: localhost', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];

/** Says a request and reads its answer, to the end of the JSON in it. */
async function say(socket: Socket, lines: readonly string[], body = ''): Promise<string> {
  socket.write(`${[...lines, ...OFFER, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`);
  let answer = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    answer += chunk;
    if (answer.endsWith('}')) break;
  }
  return answer;
}

it('answers requests that offer HTTP/2 on the side like any others, on one connection', async () => {
  const { url, bearer, project } = await startServer();
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  const authorization = `Authorization: ${bearer.authorization}`;
  const type = 'Content-Type: application/json';
  const cwd = JSON.stringify({ cwd: `${project}/目录` });

  expect(await say(socket, ['GET /api/health HTTP/1.1'])).toMatch(/^HTTP\/1\.1 200 .*"healthy"/s);
  expect(await say(socket, ['GET /api/agents HTTP/1.1'])).toMatch(/^HTTP\/1\.1 401 /);
  const created = await say(socket, ['POST /api/sessions HTTP/1.1', authorization, type], cwd);
  expect(created).toMatch(/^HTTP\/1\.1 400 .*expected an existing directory inside \S+, got \S+目录/s);
  const evil = 'Origin: https://evil.example';
  expect(await say(socket, ['GET /api/health HTTP/1.1', evil])).toMatch(/^HTTP\/1\.1 403 /);
  socket.destroy();
});
