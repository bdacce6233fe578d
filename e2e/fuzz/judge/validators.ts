import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { asyncapi, openapi } from '../document.js';

const OPENAPI = 'https://parley.example/openapi.yaml';
const ASYNCAPI = 'https://parley.example/asyncapi.yaml';

// Compiled at run time from the documents themselves: a mistake of the generated validators, which the server uses, is
// none of this one.
const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
ajv.addFormat('uri', (text: string) => URL.canParse(text));
ajv.addSchema(openapi, OPENAPI);
ajv.addSchema(asyncapi, ASYNCAPI);

const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value by the schema at a place (a JSON pointer) of openapi.yaml; undefined if nothing is. */
export function problemByOpenapi(pointer: string, value: unknown): string | undefined {
  return problemBy(`${OPENAPI}#${encodeURI(pointer)}`, value);
}

/** The same for a place of asyncapi.yaml. */
export function problemByAsyncapi(pointer: string, value: unknown): string | undefined {
  return problemBy(`${ASYNCAPI}#${encodeURI(pointer)}`, value);
}

function problemBy(reference: string, value: unknown): string | undefined {
  const validate = compiled.get(reference) ?? ajv.compile({ $ref: reference });
  compiled.set(reference, validate);
  if (validate(value)) return undefined;
  return (validate.errors ?? [])
    .slice(0, 5)
    .map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`)
    .join('; ');
}
