/** The agent answered a request with an error. */
export class AcpRequestError extends Error {
  override readonly name = 'AcpRequestError';
  /** JSON-RPC's: -32000 wants authentication, -32002 does not know the session. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
