/**
 * @file The two documents of one release, with every part known by its place, such as
 * `openapi.yaml#/components/schemas/Session`.
 */
import { LineCounter, parse, parseDocument } from 'yaml';

/**
 * @typedef {object} Contract
 * @property {{'openapi.yaml': any, 'asyncapi.yaml': any}} documents
 * @property {string} version What `info.version` says.
 * @property {(place: string) => any} value The part at a place; undefined where there is none.
 * @property {(place: string) => string} follow Where a place leads to: the place itself, unless it holds a reference.
 * @property {(place: string) => string} where A place as `path:line`, for people.
 */

/** The place of a part inside another. @param {string} place @param {...(string | number)} keys */
export function inside(place, ...keys) {
  return place + keys.map((key) => `/${`${key}`.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * @param {{openapi: string, asyncapi: string}} texts
 * @param {string} [folder] Where they are, as people are to be told.
 * @returns {Contract}
 * @throws where a text is no YAML, or the two do not have the same version.
 */
export function readContract({ openapi, asyncapi }, folder = '') {
  const texts = { 'openapi.yaml': openapi, 'asyncapi.yaml': asyncapi };
  const documents = { 'openapi.yaml': parse(openapi), 'asyncapi.yaml': parse(asyncapi) };
  const prefix = folder === '' ? '' : `${folder}/`;
  const lines = new Map();
  return createContract(documents, (place) => {
    const [file, pointer] = place.split('#');
    if (!lines.has(file)) lines.set(file, createLineFinder(texts[file]));
    return `${prefix}${file}:${lines.get(file)(keysOf(pointer))}`;
  });
}

/**
 * @param {Contract['documents']} documents
 * @param {(place: string) => string} [where]
 * @returns {Contract}
 */
export function createContract(documents, where = (place) => place) {
  const versions = Object.values(documents).map((document) => document?.info?.version);
  if (typeof versions[0] !== 'string' || versions[0] !== versions[1]) {
    throw new Error(`Expected the same info.version in both documents, got ${versions.map(String).join(' and ')}.`);
  }
  const value = (place) => {
    const [file, pointer] = place.split('#');
    return keysOf(pointer).reduce((part, key) => part?.[key], documents[file]);
  };
  const follow = (place) => {
    const reference = value(place)?.$ref;
    if (typeof reference !== 'string') return place;
    const [file, pointer] = reference.split('#');
    const target = `${file === '' ? place.split('#')[0] : file.replace(/^\.\//, '')}#${pointer}`;
    if (value(target) === undefined) throw new Error(`${reference} at ${where(place)} points at nothing.`);
    return follow(target);
  };
  return { documents, version: versions[0], value, follow, where };
}

function keysOf(pointer) {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Finds the line of a key, or of the nearest part around it that there is. */
function createLineFinder(text) {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  return (keys) => {
    let node = document.contents;
    let offset = 0;
    for (const key of keys) {
      const pair = node?.items?.find((item) => `${item.key?.value}` === key);
      const next = pair === undefined ? node?.items?.[key] : pair.value;
      const found = pair?.key.range ?? next?.range;
      if (!found) break;
      [offset] = found;
      node = next;
    }
    return counter.linePos(offset).line;
  };
}
