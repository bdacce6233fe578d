/** Where the SDK says what an application need not know; `console` fits. */
export interface Logger {
  debug(message: string, facts?: unknown): void;
  warn(message: string, facts?: unknown): void;
}

/** Says nothing. */
export const silentLogger: Logger = { debug: () => undefined, warn: () => undefined };
