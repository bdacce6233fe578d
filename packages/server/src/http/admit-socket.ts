import type { IncomingMessage } from 'node:http';
import { type Problem, parseHandshake, ServiceError } from '@parleyhq/contract';
import type { Credentials } from '../auth/credentials.js';
import type { HostPolicy } from '../auth/hosts.js';
import type { SessionHost } from '../sessions/session-host.js';
import type { SocketAdmission } from '../stream/web-socket-server.js';
import { findPath } from './find-route.js';
import { checkHostAndOrigin } from './headers.js';
import { invalidRequest } from './invalid-request.js';
import { checkMetadata } from './metadata.js';
import { isTooDeep, TOO_DEEP } from './nesting.js';

/** What a handshake is checked against. */
export interface AdmitSocketOptions {
  readonly hosts: HostPolicy;
  readonly credentials: Credentials;
  readonly sessions: SessionHost;
}

/**
 * Checks the handshake of a socket as `probeEvents` checks a request: host and origin, credential, session, cursor.
 *
 * @throws ServiceError with the code that the HTTP answer gets.
 */
export async function admitSocket(request: IncomingMessage, options: AdmitSocketOptions): Promise<SocketAdmission> {
  const { hosts, credentials, sessions } = options;
  checkHostAndOrigin(request, hosts);
  const principal = credentials.authenticate(request.headers);
  const caller = { account: principal.account };
  const target = request.url ?? '';
  const sessionId = findPath(target.split('?', 1)[0] ?? '').get('get')?.path.session_id;
  const handshake = parseHandshake(target);
  if (handshake === undefined || sessionId === undefined) throw new ServiceError('NotFound', 'No socket at this path.');
  sessions.get(caller, sessionId);
  if (!handshake.ok) throw invalid(handshake.problems);
  const after = handshake.value.query.since_event_id;
  return {
    feed: sessions.feed(caller, sessionId, after),
    after,
    credential: principal.loginId,
    expiresAt: principal.expiresAt ?? undefined,
    async submit(submission) {
      if (principal.scope !== 'control') {
        throw new ServiceError('Forbidden', `This takes a credential of scope control, got ${principal.scope}.`);
      }
      if (isTooDeep(submission)) throw invalid([{ pointer: '/frame/payload', message: TOO_DEEP }]);
      checkMetadata(submission.metadata, '/frame/payload/metadata');
      const { answer, repeated } = await sessions.submit(caller, sessionId, submission).catch(throwInFrame);
      if (!repeated) return;
      const message = `The submission_id ${answer.submission_id} was accepted before.`;
      throw new ServiceError('DuplicateSubmission', message, { eventId: answer.event_id });
    },
  };
}

/** What REST calls the body is the payload of a frame here. */
function throwInFrame(error: unknown): never {
  if (!(error instanceof ServiceError)) throw error;
  const details = error.details.map(({ pointer, message }) => ({
    ...(pointer === undefined ? {} : { pointer: pointer.replace(/^\/body(?=\/|$)/, '/frame/payload') }),
    message,
  }));
  const { code, reason, requestId, retryAfter, eventId } = error;
  throw new ServiceError(code, reason, { details, requestId, retryAfter, eventId, cause: error });
}

function invalid(problems: readonly Pick<Problem, 'pointer' | 'message'>[]): ServiceError {
  const details = problems.map(({ pointer, message }) => ({
    pointer: pointer.slice(0, 1_024),
    message: message.slice(0, 1_024),
  }));
  return invalidRequest(details);
}
