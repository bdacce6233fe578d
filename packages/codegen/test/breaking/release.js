/**
 * @file What one release says goes over the wire, each message with a key and its schema, and what the release's clients
 * know besides. Read without the code of the gate.
 */
import { readOperations } from '../../src/openapi/operations.js';
import { resolvePointer } from '../../src/pointer.js';
import { reachable } from '../../src/schemas/walk.js';

/**
 * @param {{openapi: any, asyncapi: any}} documents
 */
export function readRelease({ openapi, asyncapi }) {
  const socket = inOneDocument(asyncapi);
  const schemas = { ...openapi.components.schemas, ...socket.components.schemas };
  const operations = new Map(
    readOperations(openapi).map((operation) => [operation.id, readOperation(openapi, operation)]),
  );
  const roots = Object.assign(
    {},
    ...[...operations.values()].map((operation) => operation.roots),
    socketRoots(socket),
    Object.fromEntries(
      Object.entries(schemas)
        .filter(([, schema]) => schema['x-stored'])
        .map(([name, schema]) => [`stored ${name}`, schema]),
    ),
  );
  return {
    schemas,
    operations,
    roots,
    errors: openapi['x-errors'],
    closeCodes: openapi['x-close-codes'],
    addresses: (openapi.servers ?? []).map(({ url }) => url),
    socket: readSocket(asyncapi, socket),
  };
}

/**
 * The keys of the roots that say something else in one release than in the other.
 *
 * @param {ReturnType<typeof readRelease>} old
 * @param {ReturnType<typeof readRelease>} current
 */
export function changedRoots(old, current) {
  const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const edited = new Set(
    Object.keys(current.schemas).filter((name) => !isSame(old.schemas[name], current.schemas[name])),
  );
  return Object.keys(current.roots).filter((key) => {
    if (!isSame(old.roots[key], current.roots[key])) return true;
    return reachable([current.roots[key]], current.schemas).some((name) => edited.has(name));
  });
}

/** The schemas of the other document are named ones too. */
function inOneDocument(asyncapi) {
  return JSON.parse(JSON.stringify(asyncapi).replaceAll('"./openapi.yaml#/', '"#/'));
}

function readOperation(openapi, { id, method, path, parameters, body, answers }) {
  const roots = {};
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
  for (const kind of ['path', 'query', 'header']) {
    const own = parameters.filter((parameter) => parameter.in === kind);
    const nameOf = ({ name }) => (kind === 'path' ? `${names.indexOf(name)}` : name.toLowerCase());
    roots[`request ${id} ${kind}`] = {
      type: 'object',
      additionalProperties: false,
      required: own.filter(({ required }) => required).map(nameOf),
      properties: Object.fromEntries(own.map((parameter) => [nameOf(parameter), parameter.schema])),
    };
  }
  for (const { mediaType, schema } of body?.contents ?? []) roots[`request ${id} ${mediaType}`] = schema;
  const known = answers.map(({ status, contents, headers }) => {
    for (const { mediaType, schema } of contents) roots[`answer ${id} ${status} ${mediaType}`] = schema;
    for (const [name, { schema }] of Object.entries(headers)) {
      roots[`answer ${id} ${status} ${name.toLowerCase()}`] = schema;
    }
    const types = contents.map(({ mediaType }) => mediaType);
    return [status, { types, headers: Object.keys(headers).map((name) => name.toLowerCase()) }];
  });
  const { security = openapi.security } = openapi.paths[path][method];
  return {
    call: `${method} ${path.replaceAll(/\{[^}]+\}/g, '{}')}`,
    credentials: credentialsOf(security, openapi.components.securitySchemes),
    body: body && { required: body.required, types: body.contents.map(({ mediaType }) => mediaType) },
    answers: new Map(known),
    roots,
  };
}

/** Sets of credentials each of which a server takes; the empty one where it asks for none. */
function credentialsOf(security = [], schemes = {}) {
  if (security.length === 0) return [[]];
  return security.map((requirement) =>
    Object.keys(requirement).map((name) => {
      const { type, scheme, in: place, name: parameter } = schemes[name];
      return [type, scheme, place, parameter].join(' ');
    }),
  );
}

function socketRoots(asyncapi) {
  const roots = {};
  for (const [id, channel] of Object.entries(asyncapi.channels)) {
    const closed = { type: 'object', additionalProperties: false };
    roots[`handshake ${id} query`] = channel.bindings?.ws?.query ?? closed;
    roots[`handshake ${id} headers`] = channel.bindings?.ws?.headers ?? closed;
  }
  for (const action of ['send', 'receive']) {
    const messages = framesOf(asyncapi, action);
    if (messages.length > 0) roots[`frame ${action}`] = { oneOf: messages.map(({ payload }) => payload) };
  }
  return roots;
}

function readSocket(written, asyncapi) {
  return {
    channels: Object.fromEntries(
      Object.entries(asyncapi.channels).map(([id, { address, bindings }]) => [
        id,
        { address: address.replaceAll(/\{[^}]+\}/g, '{}'), method: bindings?.ws?.method ?? 'GET' },
      ]),
    ),
    operations: Object.keys(asyncapi.operations),
    contentType: asyncapi.defaultContentType,
    servers: Object.values(asyncapi.servers).map(({ host, protocol, security = [] }) => ({
      url: `${protocol}://${host}`,
      credentials: credentialsOf(
        security.map(({ $ref }) => ({ [$ref.split('/').at(-1)]: [] })),
        written.components.securitySchemes,
      ),
    })),
    messages: { send: framesOf(asyncapi, 'send'), receive: framesOf(asyncapi, 'receive') },
  };
}

function framesOf(asyncapi, action) {
  return Object.values(asyncapi.operations)
    .filter((operation) => operation.action === action)
    .flatMap(({ messages }) => messages)
    .map((message) => ({ name: message.$ref.split('/').at(-1), payload: resolvePointer(asyncapi, message).payload }));
}
