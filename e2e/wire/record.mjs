import { randomUUID } from 'node:crypto';
import { mkdirSync, openSync, writeSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/**
 * Preloaded into every process of a suite (`NODE_OPTIONS=--import=…/record.mjs?folder=FOLDER`), it records the traffic
 * of each Parley server: requests with their answers, and the bytes of WebSocket connections. The product does not know
 * about it. A server is Parley's if the product's function `openHttp` has created it, in its module or in a bundle.
 */
const folder = new URL(import.meta.url).searchParams.get('folder') ?? '';
/** @type {number | undefined} */
let file;

for (const module of [http, https]) {
  /** @type {(...args: any[]) => http.Server} */
  const createServer = module.createServer;
  Object.assign(module, {
    /** @param {any[]} args */
    createServer(...args) {
      const server = createServer(...args);
      if (/ at openHttp /.test(new Error().stack ?? '')) tap(server);
      return server;
    },
  });
}
syncBuiltinESMExports();

/** @param {object} record */
function write(record) {
  if (file === undefined) {
    mkdirSync(folder, { recursive: true });
    file = openSync(join(folder, `${process.pid}-${randomUUID().slice(0, 8)}.jsonl`), 'a');
  }
  // At once, since tests kill servers.
  writeSync(file, `${JSON.stringify(record)}\n`);
}

/** @param {http.Server} server */
function tap(server) {
  onEvent(server, (event, [first, second, third]) => {
    if (event === 'request' || event === 'checkContinue' || event === 'checkExpectation') tapRequest(first, second);
    if (event === 'upgrade') tapUpgrade(first, second, third);
    if (event === 'clientError') tapRefusal(second);
  });
}

/**
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 */
function tapRequest(request, response) {
  /** @type {Buffer[]} */
  const received = [];
  /** @type {Buffer[]} */
  const sent = [];
  const { push } = request;
  request.push = (chunk, encoding) => {
    if (chunk) received.push(Buffer.from(chunk));
    return push.call(request, chunk, encoding);
  };
  onChunk(response, (bytes) => sent.push(bytes));
  response.once('close', () => {
    const { method, url, complete } = request;
    write({
      kind: 'request',
      request: { method, target: url, headers: headersOf(request), body: text(received), complete },
      answer: {
        status: response.statusCode,
        headers: response.getHeaders(),
        body: text(sent),
        complete: response.writableFinished,
      },
    });
  });
}

/**
 * @param {http.IncomingMessage} request
 * @param {import('node:stream').Duplex} socket
 * @param {Buffer} head
 */
function tapUpgrade(request, socket, head) {
  const id = randomUUID();
  const { method, url } = request;
  write({ kind: 'upgrade', id, request: { method, target: url, headers: headersOf(request) } });
  const tell = (/** @type {string} */ from) => (/** @type {Buffer} */ bytes) =>
    bytes.length > 0 && write({ kind: 'bytes', id, from, bytes: bytes.toString('base64') });
  tell('client')(head);
  onChunk(socket, tell('server'));
  onEvent(socket, (event, [chunk]) => event === 'data' && tell('client')(chunk));
}

/**
 * Calls `look` with each event before its listeners are called.
 *
 * @param {import('node:events').EventEmitter} emitter
 * @param {(event: string, args: any[]) => unknown} look
 */
function onEvent(emitter, look) {
  /** @type {(...args: any[]) => boolean} */
  const emit = emitter.emit.bind(emitter);
  Object.assign(emitter, {
    /** @param {string} event @param {any[]} args */
    emit(event, ...args) {
      look(event, args);
      return emit(event, ...args);
    },
  });
}

/** The headers without credentials. @param {http.IncomingMessage} request */
function headersOf({ headers }) {
  const secret = ['authorization', 'cookie', 'sec-websocket-protocol'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secret.includes(name)));
}

/** Records answers to bytes that are not a request. @param {import('node:stream').Duplex} socket */
function tapRefusal(socket) {
  const id = randomUUID();
  onChunk(socket, (bytes) => write({ kind: 'refusal', id, bytes: bytes.toString('base64') }));
}

/** @param {import('node:stream').Writable} stream @param {(bytes: Buffer) => void} take */
function onChunk(stream, take) {
  const { write: writeChunk, end } = stream;
  let ending = false;
  const tell = (/** @type {unknown} */ chunk, /** @type {unknown} */ encoding) => {
    if (typeof chunk === 'string')
      take(Buffer.from(chunk, /** @type {BufferEncoding} */ (typeof encoding === 'string' ? encoding : 'utf8')));
    else if (chunk instanceof Uint8Array) take(Buffer.from(chunk));
  };
  Object.assign(stream, {
    /** @param {any[]} args */
    write(...args) {
      // `end` may call `write` with its chunk.
      if (!ending) tell(args[0], args[1]);
      return writeChunk.apply(stream, /** @type {any} */ (args));
    },
    /** @param {any[]} args */
    end(...args) {
      tell(args[0], args[1]);
      ending = true;
      return end.apply(stream, /** @type {any} */ (args));
    },
  });
}

/** @param {Buffer[]} chunks */
function text(chunks) {
  return Buffer.concat(chunks).toString('base64');
}
