import { operationIds, requestValidators, ServiceError, type Validation, type Validator } from '@parleyhq/contract';

const validators: Readonly<Record<string, Validator<unknown> | undefined>> = requestValidators;

/**
 * The server's answer to a body that does not fit the contract: InvalidRequest with each place, or undefined if it fits.
 * This needs no request. Rules that a schema cannot express are checked by the server.
 *
 * @param operation Method and path, as in openapi.yaml.
 * @param text The body as it would be sent.
 */
export function checkRequest(operation: string, text: string): ServiceError | undefined {
  const id = operationIds[operation];
  const validate = id && validators[id];
  if (validate === undefined || text === '') return undefined;
  const result = check(validate, text);
  if (result.ok) return undefined;
  const details = result.problems.map(({ pointer, message }) => ({ pointer: `/body${pointer}`, message }));
  const places = details.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  return new ServiceError('InvalidRequest', `The request does not fit the contract: ${places}`, { details });
}

function check(validate: Validator<unknown>, text: string): Validation<unknown> {
  try {
    return validate(JSON.parse(text));
  } catch (error) {
    return { ok: false, problems: [{ pointer: '', keyword: 'json', message: `expected JSON: ${String(error)}` }] };
  }
}
