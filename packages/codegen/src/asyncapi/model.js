/**
 * @file What the template makes code of: the channels of an AsyncAPI 3.0 document, with who sends what on each.
 */
import { pascalCase } from '../names.js';
import { resolvePointer } from '../pointer.js';
import { typeName } from '../schemas/types.js';
import { discriminate } from '../schemas/union.js';
import { dereference, reachable, refTo, visitSchemas } from '../schemas/walk.js';

/**
 * @typedef {object} Message
 * @property {string} id
 * @property {string} schema The name of its payload's schema.
 * @property {string} type The name of its type.
 * @property {string | undefined} tag The value that tells it from the others of its direction.
 * @property {string} description
 *
 * @typedef {object} Direction
 * @property {string} type The name of the union of its frames.
 * @property {Message[]} messages
 * @property {string | undefined} property What tells the frames apart; undefined where nothing does.
 * @property {{id: string, description: string, messages: Message[]}[]} operations
 *
 * @typedef {object} Channel
 * @property {string} id
 * @property {string} name
 * @property {string} address
 * @property {{name: string, description: string, values: string[]}[]} parameters
 * @property {string} query The name of the schema of the handshake's query.
 * @property {string} headers The name of the schema of the handshake's headers, whose names are in lower case.
 * @property {Direction} server What the described application sends.
 * @property {Direction} client What it receives.
 *
 * @typedef {object} Model
 * @property {Channel[]} channels
 * @property {Record<string, any>} schemas All named schemas, those of the handshakes among them.
 * @property {Record<string, any>} used Those that a channel needs.
 */

/**
 * @param {any} asyncapi The parsed document.
 * @param {any} document The same document as written, bundled: its references still have their names.
 */
export function readModel(asyncapi, document) {
  const declared = asyncapi
    .channels()
    .all()
    .filter((channel) => channel.address());
  const handshakes = Object.assign({}, ...declared.map((channel) => readHandshake(channel, document)));
  const schemas = { ...document.components?.schemas, ...handshakes };
  const channels = declared.map((channel) => readChannel(channel, document, schemas));
  const messages = channels.flatMap(({ server, client }) => [...server.messages, ...client.messages]);
  const roots = [...new Set([...messages.map(({ schema }) => schema), ...Object.keys(handshakes)])];
  const names = new Set([...roots, ...reachable(roots.map(refTo), schemas)]);
  const used = Object.fromEntries([...names].map((name) => [name, schemas[name]]));
  for (const [name, schema] of Object.entries(used)) refuseAnonymousVariants(name, schema);
  return { channels, schemas, used };
}

/** The schemas of a handshake, under names of their own. */
function readHandshake(channel, document) {
  const bindings = resolvePointer(document, resolvePointer(document, document.channels[channel.id()]).bindings);
  const ws = resolvePointer(document, bindings?.ws);
  const query = ws?.query ?? { type: 'object' };
  const headers = dereference(ws?.headers ?? { type: 'object' }, document.components?.schemas ?? {});
  const names = handshakeNames(channel);
  for (const name of Object.values(names)) {
    if (document.components?.schemas?.[name]) throw new Error(`The schema ${name} has the name of a handshake's.`);
  }
  const lowerCase = (name) => name.toLowerCase();
  const properties = Object.entries(headers.properties ?? {}).map(([name, schema]) => [lowerCase(name), schema]);
  return {
    [names.query]: query,
    [names.headers]: {
      ...headers,
      properties: Object.fromEntries(properties),
      required: (headers.required ?? []).map(lowerCase),
      // A handshake brings many headers of its own.
      additionalProperties: true,
    },
  };
}

function handshakeNames(channel) {
  const name = pascalCase(channel.id());
  return { query: `${name}Query`, headers: `${name}Headers` };
}

function readChannel(channel, document, schemas) {
  const name = pascalCase(channel.id());
  const declared = resolvePointer(document, document.channels[channel.id()]).parameters ?? {};
  return {
    id: channel.id(),
    name,
    address: channel.address(),
    parameters: channel
      .parameters()
      .all()
      .map((parameter) => ({
        name: parameter.id(),
        description: parameter.description() ?? '',
        values: resolvePointer(document, declared[parameter.id()])?.enum ?? [],
      })),
    ...handshakeNames(channel),
    server: readDirection(channel, 'send', `${name}ServerFrame`, schemas),
    client: readDirection(channel, 'receive', `${name}ClientFrame`, schemas),
  };
}

function readDirection(channel, action, type, schemas) {
  const operations = channel
    .operations()
    .all()
    .filter((operation) => operation.action() === action)
    .map((operation) => ({
      id: operation.id(),
      description: operation.summary() ?? operation.description() ?? '',
      messages: operation
        .messages()
        .all()
        .map((message) => readMessage(channel, message)),
    }));
  const messages = [
    ...new Map(operations.flatMap((operation) => operation.messages).map((message) => [message.id, message])).values(),
  ];
  const union =
    messages.length > 0 ? discriminate({ oneOf: messages.map(({ schema }) => refTo(schema)) }, schemas) : undefined;
  for (const [index, message] of messages.entries())
    message.tag = union?.tags[index]?.length === 1 ? union.tags[index][0] : undefined;
  const distinct = union !== undefined && messages.every(({ tag }) => tag !== undefined);
  for (const operation of operations) {
    operation.messages = operation.messages.map(({ id }) => messages.find((message) => message.id === id));
  }
  return { type, messages, operations, property: distinct ? union.property : undefined };
}

function readMessage(channel, message) {
  const schema = message.payload()?.json()?.['x-parser-schema-id'];
  if (typeof schema !== 'string' || schema.startsWith('<')) {
    throw new Error(
      `The payload of the message ${message.id()} on ${channel.id()} has no name; define it in components.schemas and refer to it.`,
    );
  }
  return {
    id: message.id(),
    schema,
    type: typeName(schema),
    tag: undefined,
    description: message.summary() ?? message.description() ?? '',
  };
}

/** An inline variant would get a name made up by a generator, another one after the next edit. */
function refuseAnonymousVariants(name, schema) {
  visitSchemas(schema, (part, path) => {
    for (const [index, variant] of (part.oneOf ?? []).entries()) {
      const tags = Object.values(variant.properties ?? {}).filter((property) => property.const !== undefined);
      if (variant.$ref === undefined && tags.length > 0) {
        throw new Error(
          `Variant ${index} of ${[name, ...path].join('/')} has no name; define it in components.schemas and refer to it.`,
        );
      }
    }
  });
}

/** The named unions among schemas, by the property that tells their variants apart. @param {Record<string, any>} schemas */
export function readUnions(schemas) {
  return Object.entries(schemas).flatMap(([name, schema]) => {
    const union = discriminate(schema, schemas);
    if (union === undefined) return [];
    const variants = schema.oneOf.map((variant, index) => ({
      tags: union.tags[index],
      schema: variant.$ref?.split('/').at(-1),
      description: dereference(variant, schemas).description ?? '',
    }));
    return [{ name, property: union.property, extensible: schema['x-extensible'] === true, variants }];
  });
}
