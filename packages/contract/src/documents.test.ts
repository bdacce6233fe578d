import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { asyncapiYaml, openapiYaml, parseAsyncapi, parseOpenapi, protocolMd } from './documents.js';

const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

test('the documents are the files, byte for byte', () => {
  expect(openapiYaml).toBe(read('openapi.yaml'));
  expect(asyncapiYaml).toBe(read('asyncapi.yaml'));
  expect(protocolMd).toBe(read('PROTOCOL.md'));
});

test('as data they are what the YAML says', () => {
  expect(parseOpenapi()).toEqual(parse(openapiYaml));
  expect(parseAsyncapi()).toEqual(parse(asyncapiYaml));
});

test('each caller has a copy to write into', () => {
  const document = parseOpenapi();
  delete document.paths;
  expect(parseOpenapi()).toHaveProperty('paths');
});
