import type { Operation } from '../documents/operations.js';

/** A request to the server. */
export interface WireRequest {
  readonly method: string;
  /** The path with its query, as it goes over the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, as it goes over the wire. */
  readonly body: string | Buffer | undefined;
  /** Whether the body that the headers announce is never sent. */
  readonly withholdsBody?: boolean;
  /** The origin of the server, without a path. */
  readonly origin: string;
}

/** An answer of the server. */
export interface WireAnswer {
  readonly status: number;
  /** By name in lower case. Several headers of one name are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A request and its answer. */
export interface Exchange extends WireAnswer {
  readonly request: WireRequest;
  /** The operation of the request; undefined if openapi.yaml has none for it. */
  readonly operation: Operation | undefined;
  /** The body as text. */
  readonly text: string;
  /** The body as JSON; undefined if it is not JSON. */
  readonly json: unknown;
}
