import { type ErrorDetail, ServiceError } from '@parleyhq/contract';
import { Ajv, type ValidateFunction } from 'ajv';

/**
 * Checks the answers of a user against the form that the agent asked for.
 *
 * @throws ServiceError `InvalidRequest` naming each answer that does not fit.
 */
export function checkAnswers(requestedSchema: Record<string, unknown>, answers: Record<string, unknown>): void {
  // The schema is the agent's: a keyword that Ajv does not know must not keep the user from answering.
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

/** The check of a form; none for one that is no JSON Schema: its answers are the agent's own to judge. */
function compile(ajv: Ajv, schema: object): ValidateFunction | undefined {
  try {
    return ajv.compile(withoutPatterns(schema));
  } catch {
    return undefined;
  }
}

/** The same schema without regular expressions: one that backtracks would stop the server for all its sessions. */
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
