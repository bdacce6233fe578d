/**
 * @file What a message carries: JSON, of a schema that has a name.
 */
import { typeName } from '../names.js';
import { keysOf, resolvePointer } from '../pointer.js';

/** AsyncAPI's own format is JSON Schema, and so is `application/schema`. */
const JSON_SCHEMA = /^application\/(?:vnd\.aai\.asyncapi|schema)(?:\+json|\+yaml)?\s*(?:;|$)/i;
const JSON_CONTENT = /^(?:(?:application|text)\/json|[\w.-]+\/[\w.-]+\+json)\s*(?:;|$)/i;

/**
 * @param {any} document
 * @param {any} declared The message, or a reference to it.
 * @param {{id: string, channel: string}} names
 * @param {{place: string, schema: any}[]} unseen Gets the schema of its headers.
 * @returns {import('./model.js').Message}
 * @throws where it is no JSON, or its schema has no name.
 */
export function readMessage(document, declared, { id, channel }, unseen) {
  const place = `channels/${channel}/messages/${id}`;
  const { payload, contentType, headers, summary, description } = withTraits(document, declared, place);
  const type = contentType ?? document.defaultContentType;
  if (type !== undefined && !JSON_CONTENT.test(type)) {
    throw new Error(`The content type ${type} of ${place} is not supported; expected JSON, such as application/json.`);
  }
  if (payload === undefined) {
    throw new Error(
      `The message ${id} on ${channel} has no payload (${place}); expected a reference to a schema of components.schemas.`,
    );
  }
  const schema = nameOf(document, payload, `${place}/payload`);
  if (schema === undefined) {
    throw new Error(
      `The payload of the message ${id} on ${channel} has no name (${place}/payload); define it in components.schemas and refer to it.`,
    );
  }
  if (headers !== undefined) unseen.push({ place: `${place}/headers`, schema: headers });
  return {
    id,
    schema,
    type: typeName(schema),
    tag: undefined,
    isObject: false,
    description: summary ?? description ?? '',
  };
}

/** A part with what its traits add: of two that say the same, the later one counts, and the part itself before both. */
export function withTraits(document, declared, place) {
  const part = resolvePointer(document, declared, place);
  const traits = (part?.traits ?? []).map((trait, index) =>
    resolvePointer(document, trait, `${place}/traits/${index}`),
  );
  return Object.assign({}, ...traits, part);
}

/** A schema that stands beside its format, as itself. @param {any} schema */
export function unwrapSchema(schema) {
  const isJsonSchema = typeof schema?.schemaFormat === 'string' && JSON_SCHEMA.test(schema.schemaFormat);
  return isJsonSchema && schema.schema !== undefined ? schema.schema : schema;
}

/** @param {string | undefined} format @param {string} place */
export function refuseFormat(format, place) {
  if (format !== undefined && !JSON_SCHEMA.test(format)) {
    throw new Error(
      `The schema format ${format} of ${place} is not supported; expected JSON Schema, such as application/schema+json.`,
    );
  }
}

/** The name of the schema that a payload refers to, perhaps by way of other parts of the document. */
function nameOf(document, payload, place) {
  let part = payload;
  while (typeof part === 'object' && part !== null) {
    if (typeof part.$ref === 'string') {
      const keys = keysOf(part.$ref);
      if (keys.length === 3 && keys[0] === 'components' && keys[1] === 'schemas') return keys[2];
      part = keys.reduce((value, key) => value?.[key], document);
    } else if (typeof part.schemaFormat === 'string') {
      refuseFormat(part.schemaFormat, place);
      part = part.schema;
    } else return undefined;
  }
  return undefined;
}
