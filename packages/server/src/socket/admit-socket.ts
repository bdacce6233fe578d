import type { IncomingMessage } from 'node:http';
import { parseHandshake, ServiceError } from '@parleyhq/contract';
import type { Credentials } from '../auth/credentials.js';
import type { ForwardedReader } from '../auth/forwarded.js';
import type { HostPolicy } from '../auth/hosts.js';
import { credentialOf } from '../auth/principal.js';
import type { SessionHost } from '../host/session-host.js';
import { audited } from '../http/audit-request.js';
import { checkHead } from '../http/check-head.js';
import { findPath } from '../http/find-route.js';
import { checkHostAndOrigin } from '../http/headers.js';
import { invalidRequest } from '../http/invalid-request.js';
import { checkMetadata } from '../http/metadata.js';
import { hasTooLarge, isTooDeep, TOO_DEEP, TOO_LARGE } from '../http/nesting.js';
import { contextOf } from '../http/request-context.js';
import type { CheckedLimits } from '../limits.js';
import type { Audit } from '../observe/audit.js';
import type { SocketAdmission } from './web-socket-server.js';

/** The options of the check of a handshake. */
export interface AdmitSocketOptions {
  readonly hosts: HostPolicy;
  readonly readForwarded: ForwardedReader;
  readonly credentials: Credentials;
  readonly sessions: SessionHost;
  readonly limits: Pick<CheckedLimits, 'maxMetadataBytes' | 'maxUrlBytes' | 'maxHeaderCount'>;
  readonly audit: Audit;
}

/**
 * Checks the handshake of a socket in the same way as `probeEvents`: host and origin, credential, session, cursor.
 *
 * @throws ServiceError with the code for the HTTP answer.
 */
export async function admitSocket(request: IncomingMessage, options: AdmitSocketOptions): Promise<SocketAdmission> {
  const { hosts, credentials, sessions, limits, audit } = options;
  const context = contextOf(request);
  const forwarded = options.readForwarded(request);
  context.forwarded = forwarded;
  checkHead(request, limits);
  checkHostAndOrigin(request, forwarded, hosts);
  const principal = credentials.authenticate(request.headers, forwarded);
  context.principal = principal;
  const caller = { account: principal.account };
  const target = request.url ?? '';
  const sessionId = findPath(target.split('?', 1)[0] ?? '').get('get')?.path.session_id;
  const handshake = parseHandshake(target);
  if (handshake === undefined || sessionId === undefined) throw new ServiceError('NotFound', 'No socket at this path.');
  sessions.get(caller, sessionId);
  if (!handshake.ok) throw invalidRequest(handshake.problems);
  const after = handshake.value.query.since_event_id;
  return {
    feed: sessions.feed(caller, sessionId, after),
    after,
    account: principal.account,
    credential: principal.loginId ?? principal.tokenId,
    client: credentialOf(principal),
    expiresAt: principal.expiresAt ?? undefined,
    async submit(submission) {
      // If the credential has ended, the socket is about to be closed: its last submissions are refused.
      if (!credentials.isGood(principal)) throw new ServiceError('Unauthorized', 'The credential has ended.');
      if (principal.scope !== 'control') {
        throw new ServiceError('Forbidden', `This takes a credential of scope control, got ${principal.scope}.`);
      }
      if (isTooDeep(submission)) throw invalidRequest([{ pointer: '/frame/payload', message: TOO_DEEP }]);
      if (hasTooLarge(submission)) throw invalidRequest([{ pointer: '/frame/payload', message: TOO_LARGE }]);
      checkMetadata(submission.metadata, '/frame/payload/metadata', limits.maxMetadataBytes);
      const { requestId } = context;
      const command = {
        operation: 'submit' as const,
        requestId,
        ip: forwarded.ip,
        principal,
        sessionId,
        body: submission,
      };
      const run = () => sessions.submit(caller, sessionId, submission).catch(throwInFrame);
      const { answer, repeated } = await audited(audit, command, run, (result) => result.answer);
      // Without this: says nothing when a submission is repeated on the socket
      if (!repeated) return;
      const message = `The submission_id ${answer.submission_id} was accepted before.`;
      throw new ServiceError('DuplicateSubmission', message, { eventId: answer.event_id });
    },
  };
}

/** Rewrites the pointers of an error: the body of REST is the payload of a frame here. */
function throwInFrame(error: unknown): never {
  if (!(error instanceof ServiceError)) throw error;
  const details = error.details.map(({ pointer, message }) => ({
    ...(pointer === undefined ? {} : { pointer: pointer.replace(/^\/body(?=\/|$)/, '/frame/payload') }),
    message,
  }));
  const { code, reason, requestId, retryAfter, eventId } = error;
  throw new ServiceError(code, reason, { details, requestId, retryAfter, eventId, cause: error });
}
