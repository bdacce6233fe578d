/**
 * @file Where each operation is reached, and what it needs: data for a server and for checks of what it implements.
 */
import { banner } from '../banner.js';
import { propertyKey, quote } from '../names.js';
import { readOperations } from './operations.js';

/** @param {any} document */
export function emitRoutes(document) {
  const all = readOperations(document);
  return `${banner('openapi.yaml')}
/** The name of an operation. */
export type OperationId =
${all.map(({ id }) => `  | ${quote(id)}`).join('\n')};

/** Where an operation is reached, and what it needs. */
export interface Route {
  readonly operationId: OperationId;
  /** In lower case. */
  readonly method: string;
  /** With parameters in braces, as the document writes it. */
  readonly path: string;
  /** Whether it needs a credential. */
  readonly secured: boolean;
  /** Whether a schema has something to say about a request without a query, too. */
  readonly takesInput: boolean;
  /** The media types of its body; none without a body. */
  readonly bodies: readonly string[];
  readonly bodyRequired: boolean;
  /** The statuses that it documents. */
  readonly statuses: readonly number[];
}

/** Every operation of the document. */
export const routes: Readonly<Record<OperationId, Route>> = {
${all.map(emitRoute).join('\n')}
};
`;
}

function emitRoute({ id, method, path, secured, parameters, body, answers }) {
  const bodies = (body?.contents ?? []).map(({ mediaType }) => quote(mediaType)).join(', ');
  const statuses = answers.map(({ status }) => status).filter((status) => /^\d{3}$/.test(status));
  return `  ${propertyKey(id)}: {
    operationId: ${quote(id)},
    method: ${quote(method)},
    path: ${quote(path)},
    secured: ${secured},
    takesInput: ${body !== undefined || parameters.some(concernsAll)},
    bodies: [${bodies}],
    bodyRequired: ${body?.required === true},
    statuses: [${statuses.join(', ')}],
  },`;
}

/** Whether a parameter concerns a request without a query, too. */
function concernsAll({ in: where, required, schema }) {
  return where !== 'query' || required === true || schema?.default !== undefined;
}
