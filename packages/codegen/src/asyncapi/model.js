/**
 * @file What the template makes code of: the channels of an AsyncAPI 3.0 document, with who sends what on each.
 */
import { refuseSameNames, typeName } from '../names.js';
import { discriminate } from '../schemas/union.js';
import { dereference, reachable, refTo, refuseCircles, visitSchemas } from '../schemas/walk.js';
import { nameChannel, readAddress, readHandshakeSchemas, refuseSameAddresses } from './channels.js';
import { readDirections } from './directions.js';
import { refuseFormat, unwrapSchema } from './messages.js';

/**
 * @typedef {object} Message
 * @property {string} id
 * @property {string} schema The name of its payload's schema.
 * @property {string} type The name of its type.
 * @property {string | undefined} tag The value that tells it from the others of its direction.
 * @property {string} description
 * @property {boolean} isObject Whether its schema allows nothing but objects.
 *
 * @typedef {object} Direction
 * @property {string} type The name of the union of its frames.
 * @property {Message[]} messages
 * @property {string | undefined} property What tells the frames apart; undefined where nothing does.
 * @property {{id: string, description: string, messages: Message[]}[]} operations Those that have messages.
 *
 * @typedef {object} Channel
 * @property {string} id
 * @property {string} name
 * @property {string} address A path, in which parameters are in braces.
 * @property {{name: string, description: string, values: string[]}[]} parameters In the order of the path.
 * @property {string} query The name of the schema of the handshake's query.
 * @property {string} headers The name of the schema of the handshake's headers, whose names are in lower case.
 * @property {Direction} server What the described application sends.
 * @property {Direction} client What it receives.
 *
 * @typedef {object} Model
 * @property {Channel[]} channels
 * @property {Record<string, any>} schemas All named schemas, those of the handshakes among them.
 * @property {Record<string, any>} used Those that a channel needs.
 * @property {Record<string, string>} places Where the schemas of handshakes stand in the document.
 * @property {{place: string, schema: any}[]} unseen Schemas that no code is made of, since no frame carries their values.
 */

/**
 * @param {any} document As written, bundled: its references still have their names.
 * @returns {Model}
 * @throws where something cannot be generated, with its place and what was expected.
 */
export function readModel(document) {
  const ids = Object.keys(document.channels ?? {});
  refuseSameNames(ids.map((id) => [`channels/${id}`, nameChannel(id)]));
  const named = Object.entries(document.components?.schemas ?? {});
  const handshakes = ids.map((id) => readHandshakeSchemas(document, id));
  const schemas = Object.fromEntries([
    ...named.map(([name, schema]) => [name, unwrapSchema(schema)]),
    ...handshakes.flatMap((handshake) => Object.entries(handshake.schemas)),
  ]);
  refuseCircles(schemas);
  const places = Object.assign({}, ...handshakes.map((handshake) => handshake.places));
  const unseen = [];
  const channels = ids.map((id) => ({
    id,
    name: nameChannel(id),
    ...readAddress(document, id),
    ...handshakes.find((handshake) => handshake.id === id).names,
    ...readDirections(document, id, schemas, unseen),
  }));
  refuseSameAddresses(channels);

  const messages = channels.flatMap(({ server, client }) => [...server.messages, ...client.messages]);
  const roots = [...new Set([...messages.map(({ schema }) => schema), ...Object.keys(places)])];
  const names = new Set([...roots, ...reachable(roots.map(refTo), schemas)]);
  const used = Object.fromEntries([...names].map((name) => [name, schemas[name]]));
  for (const [name, schema] of Object.entries(used)) {
    refuseFormat(schema?.schemaFormat, `components/schemas/${name}`);
    refuseAnonymousVariants(name, schema);
  }
  refuseSameNames(Object.keys(used).map((name) => [`components/schemas/${name}`, typeName(name)]));
  refuseNamesOfFrames(channels, used);
  return { channels, schemas, used, places, unseen };
}

function refuseNamesOfFrames(channels, used) {
  const frames = new Map(channels.flatMap(({ id, server, client }) => [server, client].map(({ type }) => [type, id])));
  for (const name of Object.keys(used)) {
    const id = frames.get(typeName(name));
    if (id !== undefined) throw new Error(`The schema ${name} has the name of the frames of channels/${id}.`);
  }
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
      schema: dereference(variant, schemas),
      description: dereference(variant, schemas).description ?? '',
    }));
    return [{ name, property: union.property, extensible: schema['x-extensible'] === true, variants }];
  });
}
