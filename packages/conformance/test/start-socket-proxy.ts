import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** What a proxy changes on sockets. Everything else passes unchanged. */
export interface SocketChanges {
  /** The frames that the client gets instead of a frame of the server. */
  down?(text: string): readonly string[];
  /** The frames that the server gets instead of a frame of the client. */
  up?(text: string): readonly string[];
  /** The close code that the client gets instead of the server's. */
  close?(code: number): number;
  /** The address that the server gets. */
  target?(url: string): string;
  /** The headers that the server gets. */
  headers?(headers: Record<string, string>): Record<string, string>;
  /** The subprotocol that the client gets. */
  protocol?(selected: string): string | false;
  /** Whether pings are answered. @default true */
  readonly pongs?: boolean;
  /** Milliseconds after which a socket is cut. Default: never. */
  readonly life?: number;
}

/** A proxy in front of a server. */
export interface SocketProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a proxy in front of a server. It passes everything on unchanged, except for what `changes` do to sockets. */
export async function startSocketProxy(target: string, changes: SocketChanges): Promise<SocketProxy> {
  const { host, hostname, port } = new URL(target);
  const upgrades = new WebSocketServer({ noServer: true, autoPong: changes.pongs ?? true, maxPayload: 2 ** 28 });
  const proxy = createServer((incoming, outgoing) => {
    const { method, url: path } = incoming;
    const forwarded = request({ hostname, port, method, path, headers: fromHere(incoming) }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  proxy.on('upgrade', (incoming: IncomingMessage, socket: Socket, head) => {
    const { 'sec-websocket-protocol': offered = '', 'sec-websocket-key': _, ...rest } = fromHere(incoming);
    const protocols = offered.split(',').flatMap((name) => name.trim() || []);
    // The WebSocket library fails if none of the subprotocols that it offers is selected.
    const isOurs = protocols.includes('parley.v1');
    const headers = { ...rest, ...(isOurs || offered === '' ? {} : { 'Sec-WebSocket-Protocol': offered }) };
    const url = changes.target?.(incoming.url ?? '') ?? incoming.url;
    const upstream = new WebSocket(`ws://${host}${url}`, isOurs ? protocols : [], {
      headers: changes.headers?.(headers) ?? headers,
      perMessageDeflate: false,
    });
    upstream.on('error', () => socket.destroy());
    upstream.on('unexpected-response', async (_request, answer: IncomingMessage) => {
      let body = '';
      for await (const chunk of answer.setEncoding('utf8')) body += chunk;
      const given = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${answer.statusCode} Refused\r\n${given.join('')}\r\n${body}`);
    });
    upstream.on('open', () => {
      upgrades.options.handleProtocols = () => changes.protocol?.(upstream.protocol) ?? (upstream.protocol || false);
      upgrades.handleUpgrade(incoming, socket, head, (downstream) => join(downstream, upstream));
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const own = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    url: `http://${own}`,
    async close() {
      for (const client of upgrades.clients) client.terminate();
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };

  /** The headers as the client would send them without the proxy. */
  function fromHere({ headers }: IncomingMessage): Record<string, string> {
    const entries = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    const given: Record<string, string> = Object.fromEntries(entries);
    if (given.host === own) given.host = host;
    if (given.origin === `http://${own}`) given.origin = target;
    return given;
  }

  function join(downstream: WebSocket, upstream: WebSocket): void {
    const timer = changes.life === undefined ? undefined : setTimeout(() => downstream.terminate(), changes.life);
    upstream.on('message', (data, isBinary) => {
      if (isBinary) return downstream.send(data);
      for (const text of changes.down?.(String(data)) ?? [String(data)]) downstream.send(text);
    });
    downstream.on('message', (data, isBinary) => {
      if (isBinary) return upstream.send(data, { binary: true });
      for (const text of changes.up?.(String(data)) ?? [String(data)]) upstream.send(text);
    });
    upstream.on('close', (code) => {
      const changed = changes.close?.(code) ?? code;
      if (changed === 1006) downstream.terminate();
      else if (changed === 1005) downstream.close();
      else downstream.close(changed);
    });
    downstream.on('error', () => upstream.close(1007));
    downstream.on('close', () => {
      clearTimeout(timer);
      upstream.terminate();
    });
  }
}
