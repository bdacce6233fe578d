import type { Readable, Writable } from 'node:stream';

import { LineTooLongError, splitLines } from '../acp/lines.js';
import { type Raw, readObject } from '../map/read.js';

/** The other side of a connection. */
export interface Peer {
  /** Sends a notification. Resolves when it is written: a peer that does not read makes its writer wait. */
  notify(method: string, params: object): Promise<void>;
  /** Sends a request. Rejects with an {@link RpcError} if the peer refuses, and with another error if it has ended. */
  request(method: string, params: object): Promise<unknown>;
}

/** The handlers of this side, by the name of the method. */
export interface Methods {
  /** Each answers a request. An {@link RpcError} that it throws becomes the answer. */
  readonly requests: Readonly<Record<string, (params: Raw, peer: Peer, id: unknown) => unknown>>;
  readonly notifications: Readonly<Record<string, (params: Raw) => void>>;
}

/** An error in an answer of JSON-RPC. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The error for params that a method cannot use. */
export function invalidParams(data: Raw): RpcError {
  return new RpcError(-32602, 'Invalid params', data);
}

const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Speaks JSON-RPC 2.0, one message a line, until the peer is gone. It checks what JSON-RPC itself demands of a message; each
 * method checks its own params. The ACP library could do this with a schema for each message, but loading it takes a tenth of a
 * second of processor time, which is more than the whole start of a demo agent.
 */
export async function serveMethods(input: Readable, output: Writable, methods: Methods): Promise<void> {
  const waiting = new Map<unknown, { resolve(result: unknown): void; reject(error: Error): void }>();
  let nextId = 0;
  let ended = false;

  const send = (message: object) =>
    new Promise<void>((resolve, reject) => {
      if (ended || !output.writable) return reject(new Error('The client is gone'));
      const line = `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
      output.write(line, (error) => (error ? reject(error) : resolve()));
    });

  const peer: Peer = {
    notify: (method, params) => send({ method, params }),
    request(method, params) {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        send({ id, method, params }).catch((error) => {
          waiting.delete(id);
          reject(error);
        });
      });
    },
  };

  const refuse = (id: unknown, error: RpcError) => {
    const { code, message, data } = error;
    return send({ id, error: { code, message, ...(data !== undefined && { data }) } });
  };

  const answer = async (id: unknown, method: string, params: Raw) => {
    try {
      const handle = ownProperty(methods.requests, method);
      if (!handle) throw new RpcError(-32601, `Method not found: ${method}`, { method });
      await send({ id, result: (await handle(params, peer, id)) ?? null });
    } catch (error) {
      await refuse(id, error instanceof RpcError ? error : new RpcError(-32603, 'Internal error', detailsOf(error)));
    }
  };

  const receive = (line: string) => {
    if (line.trim() === '') return;
    const message = parse(line);
    if (message instanceof RpcError) return void refuse(null, message).catch(() => undefined);
    const { id, method } = message;
    const params = readObject(message.params) ?? {};
    if (typeof method !== 'string') return settle(message);
    // A rejection means that the client is gone: there is nobody to tell.
    if (id !== undefined) return void answer(id, method, params).catch(() => undefined);
    ownProperty(methods.notifications, method)?.(params);
  };

  const settle = ({ id, error, result }: Raw) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    const { code, message, data } = readObject(error) ?? {};
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new RpcError(Number(code), String(message), data));
  };

  try {
    for await (const lines of splitLines(input, MAX_LINE_BYTES)) lines.forEach(receive);
  } catch (error) {
    // Any other error is a pipe that broke because the peer is gone, which is a normal end.
    if (error instanceof LineTooLongError) throw error;
  } finally {
    ended = true;
    for (const { reject } of waiting.values()) reject(new Error('The client is gone'));
  }
}

function parse(line: string): Raw | RpcError {
  try {
    return readObject(JSON.parse(line)) ?? new RpcError(-32600, 'Invalid request: expected an object');
  } catch {
    return new RpcError(-32700, 'Parse error');
  }
}

function ownProperty<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function detailsOf(error: unknown): Raw {
  return { details: error instanceof Error ? error.message : String(error) };
}
