import { type ErrorDetail, ServiceError } from '@parleyhq/contract';
import { Ajv, type ValidateFunction } from 'ajv';

/**
 * Checks the answers of a user against the form that the agent asked for.
 *
 * @throws ServiceError `InvalidRequest` naming each answer that does not fit.
 */
export function checkAnswers(requestedSchema: Record<string, unknown>, answers: Record<string, unknown>): void {
  // The schema comes from the agent: a keyword that Ajv does not know must not prevent an answer.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });
  const { $schema: _, ...schema } = requestedSchema;
  const check = compile(ajv, schema);
  if (check === undefined || check(answers)) return;
  const details: ErrorDetail[] = (check.errors ?? []).map((error) => ({
    pointer: `/body/content${error.instancePath}`,
    message: error.message ?? error.keyword,
  }));
  throw new ServiceError('InvalidRequest', 'The answers do not fit the form that the agent asked for.', { details });
}

/** The validator of a form; undefined if it is not a JSON Schema. The agent itself has to check the answers then. */
function compile(ajv: Ajv, schema: object): ValidateFunction | undefined {
  try {
    return ajv.compile(withoutPatterns(schema));
  } catch {
    return undefined;
  }
}

/** The same schema without regular expressions: one with exponential backtracking would block the server. */
function withoutPatterns(schema: object): object {
  const kept = Object.entries(schema).filter(([keyword]) => keyword !== 'pattern' && keyword !== 'patternProperties');
  return Object.fromEntries(
    kept.map(([keyword, value]) => {
      if (keyword === 'properties' && isObject(value)) {
        return [keyword, Object.fromEntries(Object.entries(value).map(([name, of]) => [name, cleaned(of)]))];
      }
      return [keyword, cleaned(value)];
    }),
  );
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return isObject(value) ? withoutPatterns(value) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
