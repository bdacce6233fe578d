import { operationOf } from '@parleyhq/conformance';
import { judgeAnswer, judgeError } from '../../shared/judge/judge-answer.js';
import { judgeFrame } from '../../shared/judge/judge-frame.js';
import { type Answer, parseAnswer } from '../../shared/wire/parse-answers.js';
import { parseFrames } from '../../shared/wire/parse-frames.js';
import { CLOSE, PING, PONG, TEXT, writeFrame } from '../../shared/wire/write-frame.js';
import { openConnection, type RawConnection, readAnswer } from '../wire/connection.js';
import { type HttpRequest, headerOf, writeRequest } from '../wire/request.js';
import { handshake, type Plan } from './plan-case.js';
import type { World } from './world.js';

/** Sends cases, one after the other. */
export interface FuzzClient {
  /** Sends a planned case and judges the answer. Resolves with what is wrong, or undefined. */
  run(plan: Plan): Promise<string | undefined>;
  /** Closes everything. Resolves with what is wrong with the last bytes, or undefined. */
  close(): Promise<string | undefined>;
}

/** How many messages one socket gets: fewer than the server allows in a second. */
const MESSAGES = 60;

/** Creates a client, with a connection for requests and a socket for messages that it keeps as long as the server does. */
export function createFuzzClient(world: World, counted: (outcome: string) => void): FuzzClient {
  let kept: RawConnection | undefined;
  let socket: RawConnection | undefined;
  let messages = 0;

  async function request(sent: HttpRequest, bytes: Buffer, pieces: readonly number[]): Promise<string | undefined> {
    if (kept?.ended) kept.destroy();
    kept = kept === undefined || kept.ended ? await openConnection(world.port) : kept;
    const connection = kept;
    const wrote = connection.write(bytes, pieces);
    const answer = await readAnswer(connection, sent.method);
    await wrote;
    if (answer === undefined) return 'the connection ended without an answer';
    if (answer.headers.get('connection') === 'close') connection.destroy();
    if (connection.socket.destroyed) kept = undefined;
    counted(`${answer.status}`);
    if (answer.status === 201) await purge(answer);
    return judge(sent.method, sent.target, answer, false) ?? judgeRest(connection);
  }

  /** Purges a session that the request has created. */
  async function purge({ body }: Answer): Promise<void> {
    const { session_id }: { session_id?: string } = JSON.parse(body.toString('utf8'));
    const target = `/api/sessions/${session_id}?purge=true`;
    const headers = [
      ['Host', '127.0.0.1'],
      ['Authorization', `Bearer ${world.token}`],
    ] as const;
    const problem = await request(
      { method: 'DELETE', target, headers },
      writeRequest({ method: 'DELETE', target, headers }),
      [],
    );
    if (problem !== undefined) throw new Error(`after a 201, DELETE: ${problem}`);
  }

  async function bytes(sent: Buffer, pieces: readonly number[]): Promise<string | undefined> {
    const connection = await openConnection(world.port);
    try {
      await connection.write(sent, pieces);
      await connection.finish();
      return judgeWhatCame(connection, sent);
    } finally {
      connection.destroy();
    }
  }

  /** The answer only has to fit the documents, since nobody knows what request the server read from the bytes. */
  function judgeWhatCame(connection: RawConnection, sent: Buffer): string | undefined {
    const method = /^\s*([A-Z]+) /.exec(sent.subarray(0, 100).toString('latin1'))?.[1] ?? '';
    const target = /^\s*[A-Z]+ (\S*)/.exec(sent.subarray(0, 20_000).toString('latin1'))?.[1] ?? '';
    for (let rest = connection.read(); rest.length > 0; ) {
      const isError = hasError(rest);
      const parsed = parseAnswer(rest, isError ? '' : method, true);
      if (parsed === undefined) {
        // The connection may break before the whole answer has come, also after `100 Continue`.
        if (connection.socket.errored || /^(HTTP\/1\.1 100 Continue\r\n\r\n)+$/.test(rest.toString('latin1')))
          return undefined;
        return `half an answer: ${rest.toString('latin1')}`;
      }
      const { answer } = parsed;
      counted(`${answer.status}`);
      if (answer.status === 101) return judgeFrames(parsed.rest);
      const upgrades = [...sent.toString('latin1').matchAll(/\r\nupgrade: ([^\r\n]*)/gi)].map(([, to]) => to);
      const isUpgrade = upgrades.join(', ').toLowerCase() === 'websocket';
      const problem = isError ? judgeError(answer) : judge(method, target, answer, isUpgrade);
      if (problem !== undefined) return problem;
      rest = parsed.rest;
    }
    return undefined;
  }

  async function shakeHands(sent: HttpRequest, whole: Buffer, pieces: readonly number[]): Promise<string | undefined> {
    const connection = await openConnection(world.port);
    try {
      const wrote = connection.write(whole, pieces);
      const answer = await readAnswer(connection, sent.method);
      await wrote;
      if (answer === undefined) return 'the connection ended without an answer';
      counted(`${answer.status}`);
      const isUpgrade = headerOf(sent, 'upgrade')?.toLowerCase() === 'websocket';
      if (answer.status !== 101) return judge(sent.method, sent.target, answer, isUpgrade) ?? judgeRest(connection);
      const chosen = answer.headers.get('sec-websocket-protocol');
      if (chosen !== undefined && chosen !== 'parley.v1') return `subprotocol ${chosen} was chosen`;
      if (answer.headers.has('sec-websocket-extensions')) return 'an extension was chosen';
      if (headerOf(sent, 'sec-websocket-version') !== '13') return 'a handshake of another version was let in';
      const problem = await sayGoodbye(connection);
      const [first] = parseFrames(connection.read()).frames;
      return (
        problem ?? (first?.payload.includes('"connection_ack"') ? undefined : 'a socket whose first frame is no ack')
      );
    } finally {
      connection.destroy();
    }
  }

  async function openSocket(): Promise<RawConnection> {
    const connection = await openConnection(world.port);
    await connection.write(writeRequest(handshake(`/api/sessions/${world.live}/events`, world)));
    const answer = await readAnswer(connection, 'GET');
    if (answer?.status === 101) return connection;
    connection.destroy();
    throw new Error(`a good handshake got ${answer?.status}: ${answer?.body.toString('utf8')}`);
  }

  async function frames(sent: Buffer, pieces: readonly number[]): Promise<string | undefined> {
    const connection = await openSocket();
    try {
      const had = connection.read().length;
      await connection.write(sent, pieces);
      await connection.finish(had);
      return judgeFrames(connection.read(), connection.socket.errored !== null);
    } finally {
      connection.destroy();
    }
  }

  function judgeFrames(received: Buffer, broken = true): string | undefined {
    const { frames: all, rest } = parseFrames(received);
    for (const frame of all) {
      counted(frame.opcode === CLOSE && frame.payload.length >= 2 ? `close ${frame.payload.readUInt16BE(0)}` : 'frame');
      const problem = judgeFrame(frame);
      if (problem !== undefined) return problem;
    }
    return rest.length > 0 && !broken ? `half a frame: ${rest.toString('hex')}` : undefined;
  }

  /** Sends one message, then a ping. Direct answers to the message come before the pong. */
  async function message(payload: Buffer): Promise<string | undefined> {
    if (socket === undefined || messages >= MESSAGES) {
      const problem = await closeSocket();
      if (problem !== undefined) return problem;
      socket = await openSocket();
      messages = 0;
    }
    messages += 1;
    const connection = socket;
    const mark = Buffer.from(`mark ${messages}`);
    await connection.write(
      Buffer.concat([writeFrame({ opcode: TEXT, payload }), writeFrame({ opcode: PING, payload: mark })]),
    );
    for (;;) {
      const { frames: all, rest } = parseFrames(connection.read());
      const problem = judgeFrames(connection.read().subarray(0, connection.read().length - rest.length));
      connection.take(connection.read().length - rest.length);
      if (problem !== undefined) return problem;
      if (all.some((frame) => frame.opcode === PONG && frame.payload.equals(mark))) return undefined;
      if (all.some((frame) => frame.opcode === CLOSE)) return closeSocket();
      if (connection.ended) {
        socket = undefined;
        return 'the socket ended without a close frame';
      }
      await connection.more();
    }
  }

  async function closeSocket(): Promise<string | undefined> {
    const connection = socket;
    socket = undefined;
    if (connection === undefined) return undefined;
    try {
      return await sayGoodbye(connection);
    } finally {
      connection.destroy();
    }
  }

  async function sayGoodbye(connection: RawConnection): Promise<string | undefined> {
    await connection.write(writeFrame({ opcode: CLOSE, payload: Buffer.from([3, 0xe8]) }));
    while (!connection.ended) await connection.more();
    return judgeFrames(connection.read());
  }

  async function send(plan: Plan): Promise<string | undefined> {
    switch (plan.kind) {
      case 'request':
        return request(plan.request, plan.bytes, plan.pieces);
      case 'bytes':
        return bytes(plan.bytes, plan.pieces);
      case 'handshake':
        return shakeHands(plan.request, plan.bytes, plan.pieces);
      case 'message':
        return message(plan.payload);
      case 'frames':
        return frames(plan.bytes, plan.pieces);
    }
  }

  return {
    async run(plan) {
      try {
        return await send(plan);
      } catch (error) {
        // The rest of a wrong answer must not be read as the beginning of the next one.
        kept?.destroy();
        kept = undefined;
        socket?.destroy();
        socket = undefined;
        return error instanceof Error ? error.message : String(error);
      }
    },

    async close() {
      kept?.destroy();
      return closeSocket();
    },
  };
}

/** Whether a refusal has an error body. For bytes that are not HTTP there is no method, so even a HEAD gets a body. */
function hasError(answer: Buffer): boolean {
  const body = answer.indexOf('\r\n\r\n') + 4;
  return answer.subarray(0, 12).equals(Buffer.from('HTTP/1.1 400')) && answer[body] === 0x7b;
}

/** What is wrong with bytes after an answer: no further request was sent yet. */
function judgeRest(connection: RawConnection): string | undefined {
  const rest = connection.read().toString('latin1');
  return rest === '' ? undefined : `bytes behind the answer: ${JSON.stringify(rest.slice(0, 300))}`;
}

/** Judges an answer. For an upgrade of anything but probeEvents there is no operation. */
function judge(method: string, target: string, answer: Answer, isUpgrade: boolean): string | undefined {
  const isOther = isUpgrade && operationOf(method, target)?.operationId !== 'probeEvents';
  return isOther && method !== 'HEAD' ? judgeError(answer) : judgeAnswer(method, target, answer);
}
