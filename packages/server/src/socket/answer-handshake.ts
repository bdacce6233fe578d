import type { IncomingMessage } from 'node:http';
import type { ServiceError } from '@parleyhq/contract';
import type { Logger } from 'pino';
import { auditRefusal } from '../http/audit-request.js';
import { findPath } from '../http/find-route.js';
import { loggedPath } from '../http/logged-path.js';
import { contextOf } from '../http/request-context.js';
import { securityHeaders } from '../http/security-headers.js';
import type { Audit } from '../observe/audit.js';
import type { AnswerHeaders } from './web-socket-server.js';

/** Returns the headers of the answer to a handshake, and logs the handshake like any request. */
export function answerHandshake(
  request: IncomingMessage,
  refusal: ServiceError | undefined,
  { audit, logger }: { readonly audit: Audit; readonly logger: Logger },
): AnswerHeaders {
  const { requestId, forwarded, principal, startedAt } = contextOf(request);
  const path = loggedPath(request.url ?? '');
  const ip = forwarded?.ip ?? '';
  if (refusal) {
    const sessionId = findPath((request.url ?? '').split('?', 1)[0] ?? '').get('get')?.path.session_id;
    auditRefusal(audit, refusal, { requestId, ip, principal, sessionId, operation: 'events' });
  }
  logger.info(
    {
      request_id: requestId,
      ip,
      method: request.method,
      path,
      operation: 'events',
      account: principal?.account,
      status: refusal?.status ?? 101,
      code: refusal?.code,
      ms: Math.round(performance.now() - startedAt),
    },
    'request',
  );
  return { requestId, headers: securityHeaders(requestId, forwarded) };
}
