import { readFile } from 'node:fs/promises';
import { type ConnectionStatus, createClient, ServiceError, type SessionEvent, type StreamEnd } from '@parleyhq/client';

// `parley verify --client` starts this: it uses the SDK and prints every line that CLIENT.md of @parleyhq/conformance
// asks for.

const { PARLEY_URL = '', PARLEY_TOKEN = '', PARLEY_TOKEN_FILE, PARLEY_SESSION = '', PARLEY_AFTER = '0' } = process.env;

const client = createClient({
  baseUrl: PARLEY_URL,
  token: PARLEY_TOKEN_FILE === undefined ? PARLEY_TOKEN : () => readFile(PARLEY_TOKEN_FILE, 'utf8'),
});

const end = await read().catch(endOf);
print({ end: end.reason, ...('error' in end && end.error instanceof ServiceError && { code: end.error.code }) });

/** Passes on every event after the cursor. */
async function read(): Promise<Pick<StreamEnd, 'reason'>> {
  const session = await client.sessions.get(PARLEY_SESSION);
  const stream = session.events({ after: Number(PARLEY_AFTER), onConnection });
  try {
    for await (const event of stream) passOn(event);
  } catch (error) {
    if (stream.end === undefined) throw error;
  }
  return stream.end ?? { reason: 'left' };
}

function passOn(event: SessionEvent): void {
  const { id, timestamp: _, ...payload } = event;
  print(event.type === 'unknown' ? { unknown: id } : { event: id, payload });
}

function onConnection({ status }: ConnectionStatus): void {
  if (status !== 'ended') print({ state: status });
}

/** The end of a client that was refused before it had a stream. */
function endOf(error: unknown): { reason: StreamEnd['reason']; error: unknown } {
  const reasons = { Unauthorized: 'credentials_ended', SessionNotFound: 'purged' } as const;
  const { code } = error instanceof ServiceError ? error : {};
  if (code === 'Unauthorized' || code === 'SessionNotFound') return { reason: reasons[code], error };
  throw error;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
