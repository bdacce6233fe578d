import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { asyncapi, openapi } from './documents.js';
import { byLetter, relax } from './readings.js';

/** What is wrong at one place of a value. */
export interface Problem {
  /** JSON pointer into the value; empty for the whole. */
  readonly place: string;
  /** The word of JSON Schema that it breaks, such as `required`. */
  readonly keyword: string;
  readonly message: string;
  /** The value at the place that is wrong; undefined where it is missing. */
  readonly value: unknown;
}

/**
 * What a value looks like to somebody who reads it. `fits`: as the documents say. `unknown`: it has properties, values or
 * variants that they do not have, which a tolerant reader passes over. `broken`: no reader can take it.
 */
export type Fit = 'fits' | 'unknown' | 'broken';

/** What was found of a value. */
export interface Judgement {
  readonly fit: Fit;
  readonly problems: readonly Problem[];
}

/** A schema: the document that it is in, and its JSON pointer there. */
export interface SchemaPlace {
  readonly document: 'openapi.yaml' | 'asyncapi.yaml';
  readonly pointer: string;
}

// Compiled at run time from the documents themselves: a mistake of the generated validators, which a server may use, is
// none of these.
const strict = createAjv(byLetter);
const tolerant = createAjv(relax);

/** Judges a value by a schema of the documents: by the letter first, then as a tolerant reader would. */
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
    // That a condition failed says nothing beside what failed in it.
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
