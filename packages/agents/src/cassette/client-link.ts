import type { Raw } from '../map/read.js';

/** The client of a player, as JSON-RPC. */
export interface ClientLink {
  notify(method: unknown, params: unknown): Promise<void>;
  /** Sends a request under a new id and resolves with the whole answer. `sent` gets the id before the request is sent. */
  request(method: unknown, params: unknown, sent: (id: number) => void): Promise<Raw>;
  /** Answers a request of the client with the `result` or `error` of a recorded answer. */
  answer(id: unknown, answer: Raw): Promise<void>;
  refuse(id: unknown, code: number, message: string): Promise<void>;
  /** Writes a line as it is. */
  print(line: string): Promise<void>;
  /** To be called with each answer of the client. */
  answered(answer: Raw): void;
}

/** Creates the link over `write`, which writes one line and resolves when more can be written. */
export function createClientLink(write: (line: string) => Promise<void>): ClientLink {
  const waiting = new Map<unknown, (answer: Raw) => void>();
  let nextId = 0;
  const send = (message: Raw) => write(JSON.stringify({ jsonrpc: '2.0', ...message }));
  return {
    notify: (method, params) => send({ method, params }),
    async request(method, params, sent) {
      const id = nextId++;
      sent(id);
      const answer = new Promise<Raw>((resolve) => waiting.set(id, resolve));
      await send({ id, method, params });
      return answer;
    },
    answer: (id, { result, error }) => send(error === undefined ? { id, result: result ?? null } : { id, error }),
    refuse: (id, code, message) => send({ id, error: { code, message } }),
    print: write,
    answered(answer) {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    },
  };
}
