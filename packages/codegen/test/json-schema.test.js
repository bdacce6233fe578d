import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import suite from 'json-schema-test-suite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeImports } from '../src/asyncapi/validators.js';
import { compileSchemas } from '../src/schemas/compile.js';
import { VALIDATE } from '../src/validate-modules.js';

// The keywords that mean the same in draft 4 and in 2020-12.
const keywords = [
  ...['additionalProperties', 'allOf', 'anyOf', 'default', 'enum', 'items', 'maxItems', 'maxLength', 'maxProperties'],
  ...['maximum', 'minItems', 'minLength', 'minProperties', 'minimum', 'multipleOf', 'not', 'oneOf', 'pattern'],
  ...['patternProperties', 'properties', 'required', 'type', 'uniqueItems'],
];

/** What draft 4 writes otherwise, or what this compiler does not claim: arrays of `items`, boolean limits, `definitions`. */
const foreign = (schema) =>
  /"(exclusiveMinimum|exclusiveMaximum|additionalItems|\$ref|definitions)"|"items":\[/.test(JSON.stringify(schema));

describe('the JSON Schema test suite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codegen-suite-'));
  const groups = suite
    .draft4()
    .filter(({ name }) => keywords.includes(name))
    .flatMap(({ name, schemas }) => schemas.map((group) => ({ ...group, keyword: name })));
  const own = groups.filter(({ schema }) => !foreign(schema));
  let checks;

  beforeAll(async () => {
    const roots = Object.fromEntries(own.map(({ schema }, index) => [`Group${index}`, schema]));
    const code = compileSchemas({ roots, schemas: {}, mode: 'strict' });
    const contents = runtimeImports(VALIDATE).replaceAll('.js', '.ts') + code;
    const outfile = join(folder, 'suite.mjs');
    await build({ stdin: { contents, loader: 'ts', resolveDir: folder }, bundle: true, format: 'esm', outfile });
    checks = await import(pathToFileURL(outfile).href);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('covers fifty of its groups', () => {
    expect(own.length).toBeGreaterThanOrEqual(50);
  });

  it.each(own.map((group, index) => [`${group.keyword}: ${group.description}`, group, index]))(
    'agrees on %s',
    (_, group, index) => {
      for (const { description, data, valid } of group.tests) {
        const problems = [];
        checks[`checkGroup${index}`](data, problems);
        expect({ description, valid: problems.length === 0, problems: valid ? problems : [] }).toEqual({
          description,
          valid,
          problems: [],
        });
      }
    },
  );
});
