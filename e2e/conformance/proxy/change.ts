/** Headers as they are sent. Repeated names, order and case are kept. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** A request on its way to the server. */
export interface PassedRequest {
  readonly method: string;
  /** The path with its query. */
  readonly target: string;
  readonly headers: Headers;
  /** Changes the body. Without it the body passes as a stream, also one that never ends. */
  readonly editBody?: (text: string) => string;
}

/** An answer on its way to the client, also one with status 101. */
export interface PassedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Changes of a socket. A function that throws cuts the connection. */
export interface SocketChange {
  /** The messages that the client gets instead of a message of the server. An empty list drops it. */
  readonly fromServer?: (message: string) => readonly string[];
  /** The messages that the server gets instead of a message of the client. */
  readonly fromClient?: (message: string) => readonly string[];
  /** The close code that the client gets instead of the server's. */
  readonly closeCode?: (code: number) => number;
  /** Whether pongs of the server are dropped. */
  readonly dropsPongs?: boolean;
  /** Milliseconds after which the connection is cut. */
  readonly cutAfter?: number;
}

/** What a proxy changes. Everything else passes unchanged. */
export interface Change {
  /** Answers instead of the server. Undefined passes the request on. */
  readonly instead?: (request: PassedRequest) => PassedAnswer | undefined;
  readonly request?: (request: PassedRequest) => PassedRequest;
  readonly answer?: (answer: PassedAnswer, request: PassedRequest) => PassedAnswer | Promise<PassedAnswer>;
  readonly socket?: (request: PassedRequest) => SocketChange;
  /** Called when the server was killed and restarted. */
  readonly restarted?: () => void;
}

/** The value of a header, by its name in lower case. */
export function headerOf(headers: Headers, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Headers with one of them changed, or removed if the value is undefined. */
export function withHeader(headers: Headers, name: string, value: string | undefined): Headers {
  const others = headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase());
  return value === undefined ? others : [...others, [name, value]];
}

/** Headers as Node has them raw, names and values in turn, as pairs. */
export function pairsOf(raw: readonly string[]): Headers {
  return Array.from(
    { length: raw.length / 2 },
    (_, index) => [raw[index * 2] ?? '', raw[index * 2 + 1] ?? ''] as const,
  );
}
