import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventFrame } from './event-frame.js';
import { SESSION } from './logged-event.js';
import type { Refusal } from './plan.js';

const MESSAGE = 'The scripted server says so.';

/** The headers and the body of a refusal, for an HTTP answer or instead of an upgrade. */
export function describeRefusal({ status, code, retryAfter }: Refusal): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  const wait: Record<string, string> = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  if (code === undefined) {
    return { headers: { 'Content-Type': 'text/html', ...wait }, body: `<h1>${status} from a proxy</h1>` };
  }
  const body = JSON.stringify({ code, message: MESSAGE, timestamp: Date.now() });
  return { headers: { 'Content-Type': 'application/json', ...wait }, body };
}

/** Answers a request that is not an upgrade. The session is shown as if the whole log had already happened. */
export function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  log: readonly EventFrame[],
  refusal: Refusal | undefined,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const isProbe = url.pathname === `/api/sessions/${SESSION}/events`;
  const isUnseen = refusal?.status === 401 || refusal?.status === 404;
  if (refusal !== undefined && (isProbe || isUnseen)) return refuse(response, refusal);
  if (isProbe) return refuse(response, { status: 426, code: 'UpgradeRequired' });
  if (request.method !== 'GET') return refuse(response, { status: 404, code: 'NotFound' });
  if (url.pathname === `/api/sessions/${SESSION}`) return send(response, describeSession(request, log));
  if (url.pathname === `/api/sessions/${SESSION}/history`) {
    const after = Number(url.searchParams.get('after') ?? 0);
    // As on the socket: a cursor that is refused there is refused here too.
    if (refusal?.status === 409 || refusal?.status === 410) return refuse(response, refusal);
    if (after > log.length) return refuse(response, { status: 409, code: 'CursorAhead' });
    return send(response, readPage(log, after, Number(url.searchParams.get('limit') ?? 100)));
  }
  refuse(response, { status: 404, code: 'NotFound' });
}

function readPage(log: readonly EventFrame[], after: number, limit: number): object {
  const items = log.slice(after, after + limit);
  const last = items.at(-1)?.id ?? after;
  return { items, next_after: last < log.length ? last : null, latest_event_id: log.length };
}

function describeSession({ headers }: IncomingMessage, log: readonly EventFrame[]): object {
  const { type: _, account: __, ...settings }: Record<string, unknown> = log[0]?.payload ?? {};
  return {
    ...settings,
    ws_url: `ws://${headers.host}/api/sessions/${SESSION}/events`,
    http_url: `http://${headers.host}/api/sessions/${SESSION}`,
    status: 'idle',
    turn_id: null,
    last_error: null,
    pending_approvals: [],
    pending_elicitations: [],
    queued_turns: [],
    patch: null,
    modes: null,
    commands: [],
    config_options: [],
    usage: null,
    latest_event_id: log.length,
    created_at: log[0]?.timestamp,
    updated_at: log.at(-1)?.timestamp,
    closed_at: null,
  };
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  const { headers, body } = describeRefusal(refusal);
  response.writeHead(refusal.status, headers).end(body);
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
