import { type ErrorData, ServiceError } from '@parleyhq/contract';
import { retryAfterOf } from './retry-after.js';

/** What a call of openapi-fetch gives. */
interface CallResult {
  readonly data?: unknown;
  readonly error?: ErrorData | undefined;
  readonly response: Response;
}

/** The data of those results that have no error. */
type DataOf<Result> = Result extends { readonly data: infer Data; readonly error?: never } ? Data : never;

/** The data of a call, or its error thrown as a ServiceError. */
export async function unwrap<Result extends CallResult>(call: Promise<Result>): Promise<DataOf<Result>> {
  const { data, error, response } = await call;
  if (error !== undefined) throw toServiceError(error, response);
  return data as DataOf<Result>;
}

/** The error of a call, with what its headers say. */
export function toServiceError(error: ErrorData, response: Response): ServiceError {
  const retryAfter = retryAfterOf(response);
  return ServiceError.fromData(error, retryAfter === undefined ? {} : { retryAfter });
}
