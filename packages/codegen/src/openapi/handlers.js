/**
 * @file The server's side of the REST operations: what a handler gets, what it may answer, and their registration.
 */
import { banner } from '../banner.js';
import { docstring, pascalCase, propertyKey, quote } from '../names.js';
import { dereference } from '../schemas/walk.js';
import { readOperations } from './operations.js';

/** @param {any} document @param {{contract: string}} options The module that exports `operations` and `components`. */
export function emitHandlers(document, { contract }) {
  const all = readOperations(document);
  return `${banner('openapi.yaml')}
import type { operations } from ${quote(contract)};
import { type OperationId, type Route, routes } from './routes.js';

type Parameters<Id extends keyof operations, In extends 'path' | 'query' | 'header'> = [
  NonNullable<operations[Id]['parameters'][In]>,
] extends [never]
  ? Record<never, never>
  : NonNullable<operations[Id]['parameters'][In]>;

/** The keys that are there once defaults are filled in. */
type Filled<Value, Key extends keyof Value> = Omit<Value, Key> & Required<Pick<Value, Key>>;

/** Header names come in lower case. */
type LowerCase<Headers> = { [Name in keyof Headers as Lowercase<Name & string>]: Headers[Name] };

${all.map((operation) => emitOperation(operation, document.components.schemas)).join('\n')}
/**
 * What the server does for each operation. Every request has been validated, and its defaults filled in, before a
 * handler sees it. A handler returns one of the documented answers; for errors it may throw instead.
 *
 * @typeParam Account What every request carries whose credential was checked.
 * @typeParam Anyone What a request carries that needs no credential.
 */
export interface Handlers<Account, Anyone> {
${all.map(emitMember).join('\n')}
}

/** Any documented answer. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
}

/** A request as the transport assembles it, once it has been validated against the document. */
export interface ValidatedRequest {
  readonly path: object;
  readonly query: object;
  readonly headers: object;
  readonly body: unknown;
}

/**
 * One route for each operation, keyed by \`operationId\`: what express-openapi-validator's resolver wants.
 *
 * @param handlers
 * @param toRoute Turns an operation and the call of its handler into a route of the transport.
 */
export function createRoutes<Account, Anyone, RouteHandler>(
  handlers: Handlers<Account, Anyone>,
  toRoute: (
    route: Route,
    handle: (request: ValidatedRequest & (Account | Anyone)) => Promise<Answer>,
  ) => RouteHandler,
): Record<OperationId, RouteHandler> {
  // What the document promises of a request was checked before; the types cannot see that.
  const call =
    (id: OperationId) =>
    async (request: ValidatedRequest & (Account | Anyone)): Promise<Answer> =>
      handlers[id](request as never);
  return {
${all.map(({ id }) => `    ${propertyKey(id)}: toRoute(routes[${quote(id)}], call(${quote(id)})),`).join('\n')}
  };
}
`;
}

function emitOperation(operation, schemas) {
  const name = pascalCase(operation.id);
  return `${docstring(`What ${operation.id} is given.`)}export interface ${name}Input {
  readonly path: ${parameters(operation, 'path')};
  readonly query: ${parameters(operation, 'query')};
  /** Of those that the document names. */
  readonly headers: ${headerParameters(operation)};
  readonly body: ${requestBody(operation, schemas)};
}

${docstring(`What ${operation.id} may answer.`)}export type ${name}Answer =
${explicitAnswers(operation)
  .map((answer) => answerType(operation, answer))
  .join('\n')};
`;
}

function emitMember(operation) {
  const name = pascalCase(operation.id);
  const context = operation.secured ? 'Account' : 'Anyone';
  const text = [operation.summary, `\`${operation.method.toUpperCase()} ${operation.path}\``]
    .filter(Boolean)
    .join(': ');
  return `${docstring(text, '  ')}  ${propertyKey(operation.id)}(request: ${name}Input & ${context}): Promise<${name}Answer>;`;
}

function parameters(operation, place) {
  const declared = operation.parameters.filter((parameter) => parameter.in === place);
  if (declared.length === 0) return 'Record<never, never>';
  const filled = declared.filter(({ schema }) => schema?.default !== undefined).map(({ name }) => quote(name));
  const type = `Parameters<${quote(operation.id)}, ${quote(place)}>`;
  return filled.length === 0 ? type : `Filled<${type}, ${filled.join(' | ')}>`;
}

function headerParameters(operation) {
  const type = parameters(operation, 'header');
  return type.startsWith('Record') ? type : `LowerCase<${type}>`;
}

function requestBody({ id, body }, schemas) {
  if (body === undefined) return 'undefined';
  const contents = body.contents.map(({ mediaType, schema }) => {
    const type = `NonNullable<operations[${quote(id)}]['requestBody']>['content'][${quote(mediaType)}]`;
    const properties = Object.entries(dereference(schema, schemas).properties ?? {});
    const filled = properties.filter(([, property]) => property.default !== undefined).map(([name]) => quote(name));
    return filled.length === 0 ? type : `Filled<${type}, ${filled.join(' | ')}>`;
  });
  return [...contents, ...(body.required ? [] : ['undefined'])].join(' | ');
}

/** \`default\` is for errors that are thrown: a handler cannot return what has no status. */
function explicitAnswers(operation) {
  const answers = operation.answers.filter(({ status }) => /^\d{3}$/.test(status));
  if (answers.length === 0) throw new Error(`${operation.id} documents no answer with a status.`);
  return answers;
}

function answerType({ id }, { status, contents, headers }) {
  const content = (mediaType) => `operations[${quote(id)}]['responses'][${status}]['content'][${quote(mediaType)}]`;
  const body = contents.map(({ mediaType }) => content(mediaType)).join(' | ');
  const declared = Object.entries(headers).map(([name, { required }]) => {
    const type = `operations[${quote(id)}]['responses'][${status}]['headers'][${quote(name)}]`;
    return `readonly ${propertyKey(name)}${required ? '' : '?'}: ${type}`;
  });
  const needed = Object.values(headers).some(({ required }) => required);
  const headersType = declared.length === 0 ? '' : ` readonly headers${needed ? '' : '?'}: { ${declared.join('; ')} };`;
  return `  | { readonly status: ${status};${body === '' ? '' : ` readonly body: ${body};`}${headersType} }`;
}
