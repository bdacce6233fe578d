/**
 * @file Validators of JSON bodies: requests and answers, by operation. They share the code of the frames' validators.
 */
import { banner } from '../banner.js';
import { pascalCase, propertyKey, quote } from '../names.js';
import { checkName } from '../schemas/compile.js';
import { makeTolerant } from '../schemas/tolerant.js';
import { readOperations } from './operations.js';

const JSON_TYPE = 'application/json';
const OPERATIONS = "import type { operations } from './openapi.js';\n";

/**
 * The schemas of all JSON bodies, each once, for whoever compiles them.
 *
 * @param {any} document
 */
export function readBodies(document) {
  const operations = readOperations(document);
  const ids = operations.map(({ id }) => id);
  const bodies = operations
    .flatMap(({ id, body, answers }) => [
      { id, status: undefined, schema: jsonSchema(body?.contents) },
      ...answers.map(({ status, contents }) => ({ id, status, schema: jsonSchema(contents) })),
    ])
    .filter(({ schema }) => schema !== undefined);
  const requests = bodies.filter(({ status }) => status === undefined);
  const answers = bodies.filter(({ status }) => status !== undefined);
  return {
    requests: nameRoots(ids, requests, (schema) => schema),
    answers: nameRoots(ids, answers, (schema) => schema),
    tolerantAnswers: nameRoots(ids, answers, makeTolerant),
  };
}

/** @typedef {ReturnType<typeof nameRoots>} Bodies */

/** Bodies that are checked in the same way get one root; a named schema is a root under its own name. */
function nameRoots(ids, bodies, derive) {
  const names = new Map();
  const roots = {};
  const named = bodies.map(({ id, status, schema }) => {
    const key = JSON.stringify(derive(schema));
    if (!names.has(key)) {
      const name = schema.$ref?.split('/').at(-1) ?? pascalCase(`${id}_${status ?? 'body'}`);
      names.set(key, name);
      roots[name] = schema;
    }
    return { id, status, root: names.get(key) };
  });
  return { ids, bodies: named, roots };
}

/**
 * @param {Bodies} requests
 * @param {{validate: string}} options The folder of the run-time modules, as the generated one imports them.
 */
export function emitRequestValidators(requests, { validate }) {
  const entries = requests.bodies.map(({ id, root }) => `  ${propertyKey(id)}: ${variable(root)},`);
  return `${banner('openapi.yaml')}
${imports(requests, 'strict', validate)}${OPERATIONS}
type Body<Request> = Request extends { content: { ${quote(JSON_TYPE)}: infer Content } } ? Content : never;

/** A strict validator for each operation with a JSON body. */
export type RequestValidators = {
  readonly [Id in keyof operations as [Body<NonNullable<operations[Id]['requestBody']>>] extends [never]
    ? never
    : Id]: Validator<Body<NonNullable<operations[Id]['requestBody']>>>;
};

${constants(requests)}

/** Whether a JSON body is what its operation takes; strict, as the server takes it in. */
export const requestValidators: RequestValidators = {
${entries.join('\n')}
};
`;
}

/** @param {Bodies} answers @param {{mode: 'strict' | 'tolerant', validate: string}} options */
export function emitResponseValidators(answers, { mode, validate }) {
  const entries = answers.ids.map((id) => {
    const statuses = answers.bodies.filter((body) => body.id === id);
    return `  ${propertyKey(id)}: { ${statuses.map(({ status, root }) => `${status}: ${variable(root)}`).join(', ')} },`;
  });
  const name = mode === 'strict' ? 'strictResponseValidators' : 'responseValidators';
  return `${banner('openapi.yaml')}
${imports(answers, mode, validate)}${
  mode === 'strict'
    ? "import type { ResponseValidators } from './responses.js';\n"
    : `${OPERATIONS}
type Body<Response> = Response extends { content: { ${quote(JSON_TYPE)}: infer Content } } ? Content : never;

/** A validator for each JSON answer of each operation; \`default\` is for the statuses that are not named. */
export type ResponseValidators = {
  readonly [Id in keyof operations]: {
    readonly [Status in keyof operations[Id]['responses'] as [Body<operations[Id]['responses'][Status]>] extends [never]
      ? never
      : Status]: Validator<Body<operations[Id]['responses'][Status]>>;
  };
};
`
}
${constants(answers)}

/** Whether a JSON answer is what its operation documents for the status; ${mode === 'strict' ? 'strict, as a server sends it' : 'tolerant, as a client reads it'}. */
export const ${name}: ResponseValidators = {
${entries.join('\n')}
};
`;
}

/** @param {any} document */
export function emitOperationIds(document) {
  const entries = readOperations(document).map(
    ({ id, method, path }) => `  ${quote(`${method.toUpperCase()} ${path}`)}: ${quote(id)},`,
  );
  return `${banner('openapi.yaml')}
import type { operations } from './openapi.js';

/** The operation of each method and path, such as \`GET /things/{id}\`. */
export const operationIds: Readonly<Record<string, keyof operations>> = {
${entries.join('\n')}
};
`;
}

function imports({ roots }, mode, validate) {
  return `import { type Validator, validator } from '${validate}/problems.js';
import { ${Object.keys(roots).map(checkName).join(', ')} } from './asyncapi/${mode}.js';
`;
}

/** The types stand in the table: one validator serves all operations with the same body. */
function constants({ roots }) {
  return Object.keys(roots)
    .map((root) => `const ${variable(root)}: Validator<never> = /* @__PURE__ */ validator(${checkName(root)});`)
    .join('\n');
}

function variable(root) {
  return checkName(root).replace(/^check/, 'is');
}

function jsonSchema(contents = []) {
  return contents.find(({ mediaType }) => mediaType === JSON_TYPE)?.schema;
}
