/**
 * @file Whether every example in a document is what its schema says; strictly, and by another validator than ours.
 */
import { createRequire } from 'node:module';
import { resolvePointer } from './pointer.js';
import { formats } from './schemas/formats.js';
import { visitSchemas } from './schemas/walk.js';

const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js');

/**
 * @param {any} document An OpenAPI or AsyncAPI document whose references stay inside it.
 * @returns {string[]} A sentence for each example that does not fit.
 */
export function checkExamples(document) {
  const examples = [...listSchemaExamples(document), ...listRestExamples(document), ...listMessageExamples(document)];
  const schemas = [...new Map(examples.map(({ schema }) => [JSON.stringify(schema), schema]))];
  const ajv = createAjv({ $id: 'document', components: document.components, schemas: Object.fromEntries(schemas) });
  return examples.flatMap(({ place, schema, value }) => {
    const key = encodeURIComponent(JSON.stringify(schema).replaceAll('~', '~0').replaceAll('/', '~1'));
    const validate = ajv.getSchema(`document#/schemas/${key}`);
    if (validate(value)) return [];
    return validate.errors.map(
      ({ instancePath, message }) => `The example ${place} does not fit: ${instancePath || 'it'} ${message}.`,
    );
  });
}

function createAjv(document) {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateSchema: false });
  for (const [name, { pattern }] of Object.entries(formats)) ajv.addFormat(name, pattern);
  visitDocument(document, ({ format }) => {
    if (typeof format === 'string' && !(format in formats)) ajv.addFormat(format, true);
  });
  return ajv.addSchema(document);
}

function visitDocument({ components, schemas }, visit) {
  for (const schema of Object.values({ ...components?.schemas, ...schemas })) visitSchemas(schema, visit);
}

/** `examples` of named schemas and of every schema inside them. */
function listSchemaExamples({ components }) {
  const examples = [];
  for (const [name, root] of Object.entries(components?.schemas ?? {})) {
    visitSchemas(root, (schema, path) => {
      for (const [index, value] of (schema.examples ?? []).entries()) {
        examples.push({ place: `${index} of ${[name, ...path].join('/')}`, schema, value });
      }
    });
  }
  return examples;
}

/** `example` and `examples` of parameters, headers, bodies and answers, wherever they stand. */
function listRestExamples(document) {
  const examples = [];
  const visit = (part, place) => {
    if (typeof part !== 'object' || part === null) return;
    if (part.schema !== undefined) {
      const named = Object.entries(part.examples ?? {}).map(([name, example]) => [
        name,
        resolvePointer(document, example).value,
      ]);
      const all = part.example === undefined ? named : [['example', part.example], ...named];
      for (const [name, value] of all) examples.push({ place: `${name} of ${place}`, schema: part.schema, value });
    }
    for (const [key, inner] of Object.entries(part)) {
      if (!['schema', 'schemas', 'example', 'examples'].includes(key)) visit(inner, `${place}/${key}`);
    }
  };
  if (document.openapi !== undefined) {
    visit(document.paths, 'paths');
    visit(document.components, 'components');
  }
  return examples;
}

function listMessageExamples(document) {
  if (document.asyncapi === undefined) return [];
  const inline = Object.entries(document.channels ?? {}).flatMap(([channel, { messages }]) =>
    Object.entries(messages ?? {})
      .filter(([, { $ref }]) => $ref === undefined)
      .map(([name, message]) => [`${channel}/${name}`, message]),
  );
  const messages = [...Object.entries(document.components?.messages ?? {}), ...inline];
  return messages.flatMap(([name, { payload, examples = [] }]) =>
    examples
      .filter((example) => example.payload !== undefined && payload !== undefined)
      .map((example, index) => ({
        place: `${example.name ?? index} of ${name}`,
        schema: payload,
        value: example.payload,
      })),
  );
}
