/** The code of an agent that needs a login first. */
export const LOGIN_REQUIRED = -32000;

/** The agent answered a request with an error. */
export class AcpRequestError extends Error {
  override readonly name = 'AcpRequestError';
  /** The code of JSON-RPC. -32000: the agent needs a login first; -32002: it does not know the session. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
