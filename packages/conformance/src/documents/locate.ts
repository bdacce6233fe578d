import { asyncapiYaml, openapiYaml, protocolMd } from '@parleyhq/contract/documents';
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { keysOf } from './json.js';

/**
 * A place in the contract: `openapi.yaml#` or `asyncapi.yaml#` with a JSON pointer, or `PROTOCOL.md#` with words of the
 * line.
 */
export type Source = `${'openapi.yaml' | 'asyncapi.yaml' | 'PROTOCOL.md'}#${string}`;

const texts = { 'openapi.yaml': openapiYaml, 'asyncapi.yaml': asyncapiYaml };
const parsed = new Map<string, { root: Node | null; lines: LineCounter }>();

/**
 * The file and the line of a place in the contract, for example `openapi.yaml:120`.
 *
 * @throws Error if there is no such place.
 */
export function locate(source: Source): string {
  const [file = '', ...rest] = source.split('#');
  const place = rest.join('#');
  const line = file === 'PROTOCOL.md' ? lineOfWords(place) : lineOfPointer(file, place);
  if (line === undefined) throw new Error(`the contract has no place ${source}`);
  return `${file}:${line}`;
}

function lineOfWords(words: string): number | undefined {
  const index = protocolMd.split('\n').findIndex((line) => line.includes(words));
  return index < 0 ? undefined : index + 1;
}

function lineOfPointer(file: string, pointer: string): number | undefined {
  const { root, lines } = read(file);
  let node: unknown = root;
  let offset = 0;
  for (const key of keysOf(pointer)) {
    if (isSeq(node)) {
      node = node.items[Number(key)];
      if (node === undefined) return undefined;
      offset = (node as Node).range?.[0] ?? offset;
      continue;
    }
    const pair = isMap(node)
      ? node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key)
      : undefined;
    if (pair === undefined) return undefined;
    offset = (pair.key as Node).range?.[0] ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}

function read(file: string): { root: Node | null; lines: LineCounter } {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  if (file !== 'openapi.yaml' && file !== 'asyncapi.yaml') throw new Error(`${file} is not a document of the contract`);
  const lines = new LineCounter();
  const entry = { root: parseDocument(texts[file], { lineCounter: lines }).contents as Node | null, lines };
  parsed.set(file, entry);
  return entry;
}
