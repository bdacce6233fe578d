import { type ErrorDetail, ServiceError } from '@parleyhq/contract';
import { Ajv } from 'ajv';

/**
 * Checks the answers of a user against the form that the agent asked for.
 *
 * @throws ServiceError `InvalidRequest` naming each answer that does not fit.
 */
export function checkAnswers(requestedSchema: Record<string, unknown>, answers: Record<string, unknown>): void {
  // The schema is the agent's: a keyword that Ajv does not know must not keep the user from answering.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });
  const { $schema: _, ...schema } = requestedSchema;
  if (ajv.validate(schema, answers)) return;
  const details: ErrorDetail[] = (ajv.errors ?? []).map((error) => ({
    pointer: `/body/content${error.instancePath}`,
    message: error.message ?? error.keyword,
  }));
  throw new ServiceError('InvalidRequest', 'The answers do not fit the form that the agent asked for.', { details });
}
