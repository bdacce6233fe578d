/**
 * @file The operations of an OpenAPI document with every reference to a parameter, body, answer or header followed.
 */
import { resolvePointer } from '../pointer.js';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * @typedef {object} Content
 * @property {string} mediaType
 * @property {any} schema
 *
 * @typedef {object} Operation
 * @property {string} id
 * @property {string} method
 * @property {string} path
 * @property {string} [summary]
 * @property {boolean} secured Whether a credential is needed.
 * @property {any[]} parameters
 * @property {{required: boolean, contents: Content[]} | undefined} body
 * @property {{status: string, description: string, contents: Content[], headers: Record<string, any>}[]} answers
 */

/**
 * @param {any} document
 * @returns {Operation[]}
 * @throws where an operation has no `operationId`: everything generated is keyed by it.
 */
export function readOperations(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => readOperation(document, path, method)),
  );
}

function readOperation(document, path, method) {
  const item = document.paths[path];
  const operation = item[method];
  if (!operation.operationId) throw new Error(`${method.toUpperCase()} ${path} has no operationId.`);
  const follow = (part) => resolvePointer(document, part);
  const body = follow(operation.requestBody);
  return {
    id: operation.operationId,
    method,
    path,
    summary: operation.summary,
    secured: isSecured(operation.security ?? document.security ?? []),
    parameters: mergeParameters([...(item.parameters ?? []), ...(operation.parameters ?? [])].map(follow)),
    body: body && { required: body.required === true, contents: readContents(body) },
    answers: Object.entries(operation.responses).map(([status, response]) => {
      const answer = follow(response);
      const headers = Object.entries(answer.headers ?? {}).map(([name, header]) => [name, follow(header)]);
      return {
        status,
        description: answer.description,
        contents: readContents(answer),
        headers: Object.fromEntries(headers),
      };
    }),
  };
}

/** An empty requirement among the alternatives makes the credential optional. */
function isSecured(security) {
  return security.length > 0 && security.every((requirement) => Object.keys(requirement).length > 0);
}

/** A parameter of the operation replaces one of the path with the same name and place. */
function mergeParameters(parameters) {
  return [...new Map(parameters.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter])).values()];
}

function readContents({ content = {} }) {
  return Object.entries(content).map(([mediaType, { schema }]) => ({ mediaType, schema: schema ?? {} }));
}
