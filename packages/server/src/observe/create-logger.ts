import { type DestinationStream, type Logger, pino } from 'pino';

/** How much is logged, from nothing to everything. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** One of LOG_LEVELS. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Properties that are redacted, and the objects in which they may stand. */
const SECRETS = ['token', 'access_token', 'authorization', 'cookie', 'set-cookie', 'sec-websocket-protocol'];
const PLACES = ['', 'headers', 'body', 'req.headers', 'request.headers', 'err.headers'];

/**
 * Creates the logger of `parley serve`: one JSON object per line. The server does not log headers, queries or bodies. If one
 * gets into an error nevertheless, its secrets are redacted by name.
 *
 * @param level How much is logged.
 * @param destination Where lines go. @default standard error, synchronously, so that none is lost at the end
 */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  const paths = PLACES.flatMap((place) => SECRETS.map((name) => `${place}["${name}"]`));
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters, redact: paths },
    destination,
  );
}
