/** Where the SDK logs details, for example `console`. */
export interface Logger {
  debug(message: string, facts?: unknown): void;
  warn(message: string, facts?: unknown): void;
}

/** Says nothing. */
export const silentLogger: Logger = { debug: () => undefined, warn: () => undefined };
