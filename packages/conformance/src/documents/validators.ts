import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { asyncapi, openapi } from './documents.js';
import { strictReading, tolerantReading } from './readings.js';

/** What is wrong at one place of a value. */
export interface Problem {
  /** JSON pointer into the value; empty for the whole value. */
  readonly place: string;
  /** The JSON Schema keyword that it breaks, for example `required`. */
  readonly keyword: string;
  readonly message: string;
  /** The value at that place; undefined if it is missing. */
  readonly value: unknown;
}

/**
 * How well a value fits the documents. `fits`: it is as they say. `unknown`: it has properties, values or variants that
 * they do not have and that a tolerant reader ignores. `broken`: no reader can use it.
 */
export type Fit = 'fits' | 'unknown' | 'broken';

/** How well a value fits, and what is wrong with it. */
export interface Judgement {
  readonly fit: Fit;
  readonly problems: readonly Problem[];
}

/** The place of a schema: its document and its JSON pointer there. */
export interface SchemaPlace {
  readonly document: 'openapi.yaml' | 'asyncapi.yaml';
  readonly pointer: string;
}

// Compiled at run time from the documents themselves. A server may use the generated validators, so a mistake in those
// must not be repeated here.
const strict = createAjv(strictReading);
const tolerant = createAjv(tolerantReading);

/** Judges a value by a schema of the documents, first strictly, then as a tolerant reader would. */
export function judgeValue(place: SchemaPlace, value: unknown): Judgement {
  const found = strict(place, value);
  if (found.length === 0) return { fit: 'fits', problems: [] };
  const asReader = tolerant(place, value);
  if (asReader.length === 0) return { fit: 'unknown', problems: found };
  return { fit: 'broken', problems: asReader };
}

function createAjv(change: (document: unknown) => unknown): (place: SchemaPlace, value: unknown) => Problem[] {
  let ajv: Ajv2020 | undefined;
  const compiled = new Map<string, ValidateFunction>();
  return ({ document, pointer }, value) => {
    ajv ??= addDocuments(change);
    const reference = `https://parley.example/${document}#${encodeURI(pointer)}`;
    const validate = compiled.get(reference) ?? ajv.compile({ $ref: reference });
    compiled.set(reference, validate);
    if (validate(value)) return [];
    // An `if` error only repeats that something in its `then` failed.
    return (validate.errors ?? []).filter((error) => error.keyword !== 'if').map(toProblem);
  };
}

function addDocuments(change: (document: unknown) => unknown): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, verbose: true });
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  ajv.addFormat('uri', (text: string) => URL.canParse(text));
  ajv.addSchema(Object(change(openapi)), 'https://parley.example/openapi.yaml');
  ajv.addSchema(Object(change(asyncapi)), 'https://parley.example/asyncapi.yaml');
  return ajv;
}

function toProblem({ instancePath, keyword, message = '', params, data }: ErrorObject): Problem {
  const named = keyword === 'additionalProperties' ? `: ${params.additionalProperty}` : '';
  const allowed = keyword === 'enum' ? `: ${params.allowedValues.join(', ')}` : '';
  const constant = keyword === 'const' ? `: ${params.allowedValue}` : '';
  return { place: instancePath, keyword, message: `${message}${named}${allowed}${constant}`, value: data };
}
