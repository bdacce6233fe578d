/** Headers as they go over the wire: repeated names, order and case are kept. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** A request on its way to the server. */
export interface PassedRequest {
  readonly method: string;
  /** The path with its query. */
  readonly target: string;
  readonly headers: Headers;
  /** Changes the body; without it the body passes as it comes, also one that never ends. */
  readonly editBody?: (text: string) => string;
}

/** An answer on its way to the client; 101 is one, too. */
export interface PassedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What is done to a socket; a function that throws cuts the connection. */
export interface SocketChange {
  /** The messages that the client gets in place of one of the server's; none drops it. */
  readonly fromServer?: (message: string) => readonly string[];
  /** The messages that the server gets in place of one of the client's. */
  readonly fromClient?: (message: string) => readonly string[];
  /** The code that the client sees in place of the server's. */
  readonly closeCode?: (code: number) => number;
  /** Pongs of the server do not come. */
  readonly dropsPongs?: boolean;
  /** Milliseconds after which the connection is cut. */
  readonly cutAfter?: number;
}

/** What a proxy does to what passes through it. Nothing, where it says nothing. */
export interface Change {
  /** Answers in place of the server; undefined passes the request on. */
  readonly instead?: (request: PassedRequest) => PassedAnswer | undefined;
  readonly request?: (request: PassedRequest) => PassedRequest;
  readonly answer?: (answer: PassedAnswer, request: PassedRequest) => PassedAnswer | Promise<PassedAnswer>;
  readonly socket?: (request: PassedRequest) => SocketChange;
  /** The server was killed, and runs again. */
  readonly restarted?: () => void;
}

/** The value of a header, by its name in lower case. */
export function headerOf(headers: Headers, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Headers with one of them changed, or left out where the value is undefined. */
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
