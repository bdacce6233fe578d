import { type ErrorData, ServiceError } from '@parleyhq/contract';
import { retryAfterOf } from './retry-after.js';

/** The result of a call of openapi-fetch. */
interface CallResult {
  readonly data?: unknown;
  readonly error?: ErrorData | undefined;
  readonly response: Response;
}

/** The type of the data in results without an error. */
type DataOf<Result> = Result extends { readonly data: infer Data; readonly error?: never } ? Data : never;

/** Returns the data of a call, or throws its error as a ServiceError. */
export async function unwrap<Result extends CallResult>(call: Promise<Result>): Promise<DataOf<Result>> {
  const { data, error, response } = await call;
  if (error !== undefined) throw toServiceError(error, response);
  return data as DataOf<Result>;
}

/** The error of a call, with `Retry-After` and the request id from its headers. */
export function toServiceError(error: ErrorData, response: Response): ServiceError {
  const retryAfter = retryAfterOf(response);
  return ServiceError.fromData(error, retryAfter === undefined ? {} : { retryAfter });
}
