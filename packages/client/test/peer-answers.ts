import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Event, Session, Submission } from '@parleyhq/contract';
import { NOW, SESSION, TURN } from './peer-session.js';

/** A request as the peer got it. */
export interface PeerRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly response: ServerResponse;
}

/** The one session of a peer, and its log. */
export interface PeerLog {
  readonly session: Session;
  readonly frames: { type: 'event'; id: number; timestamp: number; payload: unknown }[];
  append(...events: (Event | { type: string })[]): number;
}

/** Answers with JSON; true, as `Peer.answer` wants it. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers: object = {}): true {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
  return true;
}

/** Answers with an error of the contract; true, as `Peer.answer` wants it. */
export function sendError(response: ServerResponse, status: number, code: string, headers: object = {}): true {
  const request_id = '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11';
  return sendJson(response, status, { code, message: `${code}.`, timestamp: NOW, request_id }, headers);
}

/** What the peer says to a request by itself. */
export function answer({ method, path, query, headers, body, response }: PeerRequest, peer: PeerLog): true {
  switch (`${method} ${path.replace(SESSION, ':id')}`) {
    case 'POST /api/sessions':
      return sendJson(response, 201, peer.session);
    case 'GET /api/sessions':
      return sendJson(response, 200, { sessions: [peer.session], next_cursor: null });
    case 'GET /api/sessions/:id':
      return sendJson(response, 200, peer.session);
    case 'DELETE /api/sessions/:id':
      response.writeHead(204).end();
      return true;
    case 'POST /api/sessions/:id/submit': {
      const submission: Submission = JSON.parse(body);
      const submission_id = String(headers['idempotency-key']);
      const turn_id = submission.type === 'user_message' ? TURN : undefined;
      const event_id = peer.append({
        type: 'submission_accepted',
        submission_id,
        submission,
        ...(turn_id && { turn_id }),
      });
      const answer = { status: 'submitted', timestamp: NOW, submission_id, event_id, ...(turn_id && { turn_id }) };
      return sendJson(response, 200, answer);
    }
    case 'GET /api/sessions/:id/history': {
      const after = Number(query.get('after'));
      if (after > peer.frames.length) return sendError(response, 409, 'CursorAhead');
      const items = peer.frames.slice(after, after + Number(query.get('limit')));
      const last = items.at(-1)?.id ?? after;
      const next_after = last < peer.frames.length ? last : null;
      return sendJson(response, 200, { items, next_after, latest_event_id: peer.frames.length });
    }
    case 'GET /api/sessions/:id/events':
      return sendError(response, 426, 'UpgradeRequired');
    default:
      return sendError(response, 404, 'NotFound');
  }
}
