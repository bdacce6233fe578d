import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { typeName } from '../src/names.js';
import { checkName } from '../src/schemas/compile.js';
import { createRandom } from './breaking/edits/random-edit.js';
import { documentOf, emitAll, ref } from './helpers/foreign.js';
import { createOracle, mutate } from './helpers/oracle.js';
import { sampleOf } from './helpers/sample.js';

const folder = new URL('./documents/', import.meta.url);
const files = [
  ...readdirSync(new URL('varied/', folder)).map((name) => `varied/${name}`),
  ...['market.yaml', 'shop.yaml', 'tree.yaml'],
];

/** Samples of each schema; each is changed in one place in every way, and these changes are tried too. */
const SAMPLES = 12;
const MUTANTS = 120;
/** Values of each schema whose type is tried: each is a line that TypeScript checks. */
const TYPED = 12;

const documents = Object.fromEntries(
  files.map((file) => [file.replace(/.*\/|\.yaml/g, ''), parse(readFileSync(new URL(file, folder), 'utf8'))]),
);
const schemasOf = (id) => documents[id].components.schemas;

/** A document with all schemas of another one as messages, besides what it says itself. */
function withAllSchemas(document) {
  const messages = Object.fromEntries(
    Object.keys(document.components.schemas).map((name, index) => [`m${index}`, { payload: ref(name) }]),
  );
  const channels = { everything: { address: '/everything', messages } };
  const operations = { everything: { action: 'receive', channel: { $ref: '#/channels/everything' } } };
  if (document.asyncapi === undefined)
    return documentOf({
      schemas: document.components.schemas,
      channels,
      operations: { ...operations, get: { action: 'receive', channel: { $ref: '#/channels/a' } } },
    });
  return {
    ...document,
    channels: { ...document.channels, ...channels },
    operations: { ...document.operations, ...operations },
  };
}

/** The values that are tried of a schema, always the same. */
function valuesOf(id, name) {
  const random = createRandom(name.length + id.length);
  const samples = Array.from({ length: SAMPLES }, () => sampleOf(ref(name), schemasOf(id), random));
  return samples.flatMap((sample) => {
    const mutants = mutate(sample);
    const step = Math.max(1, mutants.length / MUTANTS);
    return [
      sample,
      ...Array.from({ length: Math.min(MUTANTS, mutants.length) }, (_, index) => mutants[Math.floor(index * step)]),
    ];
  });
}

/** Without what the mutants add: TypeScript wants of a type whose properties are all optional that a value has one. */
function withoutExtra(value) {
  if (Array.isArray(value)) return value.map(withoutExtra);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'extra' && !name.endsWith('2'));
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutExtra(member)]));
}

describe('what is generated of varied documents', () => {
  let project;
  let code;
  let tried = 0;
  beforeAll(async () => {
    project = await emitAll(
      Object.fromEntries(Object.entries(documents).map(([id, one]) => [id, withAllSchemas(one)])),
    );
    code = await project.load();
  });
  afterAll(() => project.remove());

  it.each(Object.keys(documents))('agrees with Ajv: %s', (id) => {
    for (const mode of ['strict', 'tolerant']) {
      const oracle = createOracle(schemasOf(id), mode);
      for (const name of Object.keys(schemasOf(id))) {
        const validate = code[id][mode][checkName(name).replace('check', mode)];
        const values = valuesOf(id, name);
        const results = values.map((value) => validate(value).ok);
        for (const [index, value] of values.entries()) {
          if (results[index] !== oracle(name, value))
            expect({ mode, name, value }).toBe(`what Ajv says: ${!results[index]}`);
        }
        tried += values.length;
        if (mode === 'strict') expect({ name, some: results.includes(true) }).toEqual({ name, some: true });
      }
    }
  });

  it('has tried many values', () => {
    expect(tried).toBeGreaterThan(50_000);
  });

  it('has types that take what the strict validators take', () => {
    const lines = Object.keys(documents).flatMap((id) =>
      Object.keys(schemasOf(id)).flatMap((name) => {
        const type = typeName(name);
        const validate = code[id].strict[checkName(name).replace('check', 'strict')];
        const fitting = valuesOf(id, name)
          .map(withoutExtra)
          .filter((value) => validate(value).ok);
        const distinct = [...new Set(fitting.map((value) => JSON.stringify(value)))].slice(0, TYPED);
        return distinct.map((text) => `accept<${id}.${type}>()(${text});`);
      }),
    );
    const imports = Object.keys(documents).map((id) => `import type * as ${id} from './${id}/types.js';`);
    const accept = 'const accept = <T>() => <const V extends T>(value: V): V => value;';
    expect(lines.length).toBeGreaterThan(500);
    expect(project.compile([...imports, accept, ...lines].join('\n'))).toEqual([]);
  });
});
