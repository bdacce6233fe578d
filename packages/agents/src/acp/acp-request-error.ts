import { readText } from '../map/read.js';

/** The code of an agent that needs a login first. */
export const LOGIN_REQUIRED = -32000;

/** The code of an agent of version 2 or later that has none of the versions up to the one that it was offered. */
export const UNSUPPORTED_VERSION = -32022;

/** The most characters of a message: it is shown, logged, and put into an event. */
const MAX_MESSAGE = 4096;

/** The agent answered a request with an error. */
export class AcpRequestError extends Error {
  override readonly name = 'AcpRequestError';
  /** The code of JSON-RPC. -32000: the agent needs a login first; -32002: it does not know the session. */
  readonly code: number;

  constructor(code: number, message: string) {
    // Without this: has more to say of a failure than an event takes
    super(readText(message, MAX_MESSAGE));
    this.code = code;
  }
}
