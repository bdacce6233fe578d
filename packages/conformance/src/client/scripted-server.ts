import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Random } from '../world/random.js';
import type { Script } from './client-rule.js';
import { toFrames } from './event-frame.js';
import { SESSION } from './logged-event.js';
import { type Plan, type Refusal, SERVE } from './plan.js';
import { answerRequest, describeRefusal } from './scripted-answers.js';
import { playSteps } from './scripted-connection.js';
import type { Transcript } from './transcript.js';

/** A handshake as the server saw it. */
export interface Handshake {
  /** Its cursor; undefined if it had none. */
  readonly since: number | undefined;
  /** The last event that had been sent whole on any connection by then. Before any event: the script's `after`. */
  readonly sent: number;
  /** Milliseconds since the connection before it was lost; 0 for the first one. */
  readonly waited: number;
  /** Whether its address contains the token. */
  readonly showsToken: boolean;
}

/** A server that follows a script. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** The credential that it accepts at first. */
  readonly token: string;
  readonly handshakes: readonly Handshake[];
}

/** What a scripted server needs in addition to its script. */
export interface ScriptedServerOptions {
  readonly random: Random;
  readonly transcript: Transcript;
  /** Resolves when the client has printed this event, or has ended without it. */
  printed(id: number): Promise<unknown>;
  /** Gives the client a new credential. */
  renew(token: string): Promise<void>;
}

/** Starts a server on a free port. It does with each connection what the script says. */
export async function startScriptedServer(script: Script, options: ScriptedServerOptions): Promise<ScriptedServer> {
  const { random, transcript } = options;
  const log = toFrames(script.log);
  const handshakes: Handshake[] = [];
  const firstToken = createToken(random);
  let token: string | undefined = firstToken;
  let sent = script.after ?? 0;
  let lostAt: number | undefined;
  // The answer to a request that asks why a handshake was refused.
  let refusal = nextRefusal();
  const server = createServer((request, response) => {
    request.resume();
    const refused = hasCredential(request, token) ? refusal : UNAUTHORIZED;
    response.on('finish', () => transcript.note(`${request.method} ${hide(request.url)}: ${response.statusCode}`));
    answerRequest(request, response, log, refused);
  });
  const upgrades = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('parley.v1') ? 'parley.v1' : false),
  });
  const lines = new Set<Socket>();
  server.on('connection', (socket) => {
    lines.add(socket.setNoDelay());
    socket.on('close', () => lines.delete(socket)).on('error', (error) => transcript.note(error.message));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head) => {
    const since = readSince(request);
    const waited = lostAt === undefined ? 0 : performance.now() - lostAt;
    handshakes.push({ since, sent, waited, showsToken: hide(request.url) !== request.url });
    transcript.note(`handshake ${handshakes.length}: ${hide(request.url)}`);
    const plan = planOf(handshakes.length);
    if (!hasCredential(request, token)) return refuse(socket, UNAUTHORIZED);
    if ('refuse' in plan) return refuse(socket, plan.refuse);
    if ('hangUp' in plan) {
      transcript.note('cuts the line instead of answering');
      lostAt = performance.now();
      socket.destroy();
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) => connected(webSocket, socket, since, plan));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: firstToken,
    handshakes,
    async [Symbol.asyncDispose]() {
      for (const webSocket of upgrades.clients) webSocket.terminate();
      for (const line of lines) line.destroy();
      server.close();
      await once(server, 'close');
    },
  };

  function planOf(handshake: number): Plan {
    return script.handshakes[handshake - 1] ?? script.later ?? SERVE;
  }

  /** The refusal that the next handshake will get; undefined if it will be accepted. */
  function nextRefusal(): Refusal | undefined {
    const plan = planOf(handshakes.length + 1);
    return 'refuse' in plan ? plan.refuse : undefined;
  }

  function refuse(socket: Socket, answer: Refusal): void {
    refusal = answer;
    const { headers, body } = describeRefusal(answer);
    const all = { ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    transcript.note(`answers ${answer.status} ${answer.code ?? 'without an error of the contract'}`);
    lostAt = performance.now();
    socket.end(`HTTP/1.1 ${answer.status} Refused\r\n${head.join('')}\r\n${body}`);
  }

  function connected(
    webSocket: WebSocket,
    socket: Socket,
    since: number | undefined,
    plan: Extract<Plan, { steps: unknown }>,
  ): void {
    refusal = undefined;
    webSocket.on('error', (error) => transcript.note(`the WebSocket failed: ${error.message}`));
    webSocket.on('close', (code) => transcript.note(`connection ended: ${code}`));
    const ack = { ...describeConnection(log.length), ...plan.ack };
    webSocket.send(JSON.stringify({ type: 'connection_ack', timestamp: Date.now(), payload: ack }));
    const connection = {
      webSocket,
      socket,
      log,
      // Without a cursor a connection is live only.
      since: since ?? log.length,
      random,
      note: transcript.note,
      sent: (id: number) => {
        sent = Math.max(sent, id);
      },
      beforeEnd: () => {
        lostAt = performance.now();
        refusal = nextRefusal();
      },
      printed: options.printed,
    };
    void play();

    async function play(): Promise<void> {
      const last = plan.steps.at(-1);
      await playSteps(connection, plan.endsCredential ? plan.steps.slice(0, -1) : plan.steps);
      if (!plan.endsCredential || last === undefined) return;
      token = script.renews ? createToken(random) : undefined;
      if (token !== undefined) await options.renew(token);
      await playSteps(connection, [last]);
    }
  }

  function hide(target = ''): string {
    const secrets = [firstToken, token ?? firstToken];
    return secrets.reduce((shown, secret) => shown.replaceAll(secret, '$PARLEY_TOKEN'), target);
  }
}

const UNAUTHORIZED: Refusal = { status: 401, code: 'Unauthorized' };

function createToken(random: Random): string {
  return `scripted-${random.integer(1e8, 1e9 - 1)}`;
}

function hasCredential({ headers }: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return false;
  const offered = protocolsOf(headers['sec-websocket-protocol']);
  return headers.authorization === `Bearer ${token}` || offered.includes(`parley.bearer.${token}`);
}

function protocolsOf(header: string | undefined): string[] {
  return header?.split(',').map((name) => name.trim()) ?? [];
}

function readSince({ url = '/' }: IncomingMessage): number | undefined {
  const since = new URL(url, 'http://localhost').searchParams.get('since_event_id');
  return since === null ? undefined : Number(since);
}

function describeConnection(latest: number): object {
  return {
    session_id: SESSION,
    connection_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f10',
    server_time: Date.now(),
    latest_event_id: latest,
    earliest_event_id: 1,
    heartbeat_interval_ms: 15_000,
    limits: { max_frame_bytes: 1_048_576, max_bad_frames: 16, max_frames_per_second: 100 },
  };
}
