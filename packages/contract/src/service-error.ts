import { type ErrorCode, errors } from './gen/errors.js';
import type { ErrorData, ErrorDetail } from './gen/openapi.js';

/** What a ServiceError may carry beside its code and message. */
export interface ServiceErrorFacts {
  readonly details?: readonly ErrorDetail[] | undefined;
  /** Of the REST request or the connection. */
  readonly requestId?: string | undefined;
  /** Seconds, as in `Retry-After`. */
  readonly retryAfter?: number | undefined;
  /** With DuplicateSubmission: the first `submission_accepted`. */
  readonly eventId?: number | undefined;
  readonly cause?: unknown;
}

/**
 * An error of the contract, on either side of the wire: its `code` is one of the table in `x-errors`.
 * The message begins with `[code]`.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  /** One sentence for people, without the code. */
  readonly reason: string;
  readonly details: readonly ErrorDetail[];
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  readonly eventId: number | undefined;

  constructor(code: ErrorCode, reason: string, facts: ServiceErrorFacts = {}) {
    super(`[${code}] ${reason}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.reason = reason;
    this.details = facts.details ?? [];
    this.requestId = facts.requestId;
    this.retryAfter = facts.retryAfter;
    this.eventId = facts.eventId;
  }

  /** The HTTP status of the code; 500 for a code that this release does not know. */
  get status(): number {
    return errors[this.code]?.status ?? 500;
  }

  /** Whether the same request may succeed later without a change. */
  get retryable(): boolean {
    return errors[this.code]?.retryable ?? false;
  }

  /** The error that an ErrorData from the wire describes. */
  static fromData(data: ErrorData, facts: ServiceErrorFacts = {}): ServiceError {
    return new ServiceError(data.code, data.message, {
      details: data.details,
      requestId: data.request_id,
      eventId: data.event_id,
      ...facts,
    });
  }

  /** The error as it goes over the wire. */
  toData(now: number, requestId?: string): ErrorData {
    const id = requestId ?? this.requestId;
    return {
      code: this.code,
      message: this.reason,
      ...(this.details.length > 0 ? { details: [...this.details] } : {}),
      timestamp: now,
      ...(id === undefined ? {} : { request_id: id }),
      ...(this.eventId === undefined ? {} : { event_id: this.eventId }),
    };
  }
}
