/**
 * @file Where a channel is reached: its path, and the schemas of what a handshake brings.
 */
import { pascalCase } from '../names.js';
import { resolvePointer } from '../pointer.js';

/** What may be said of headers as a whole; the names in other keywords would not be put in lower case. */
const HEADER_KEYWORDS = ['type', 'properties', 'required', 'additionalProperties', 'title', 'description', 'examples'];

/** The name of a channel in code. @param {string} id */
export function nameChannel(id) {
  try {
    return pascalCase(id);
  } catch (error) {
    throw new Error(`channels/${id}: ${error.message}`);
  }
}

/**
 * @param {any} document
 * @param {string} id
 * @returns {{address: string, parameters: {name: string, description: string, values: string[]}[]}}
 */
export function readAddress(document, id) {
  const place = `channels/${id}`;
  const channel = resolvePointer(document, document.channels[id], place);
  const { address } = channel;
  if (typeof address !== 'string') throw new Error(`${place} has no address; expected the path of its WebSocket.`);
  if (/[?#]/.test(address)) {
    throw new Error(
      `${place}/address: expected a path without ? and #, got ${address}; its query belongs in bindings.ws.query.`,
    );
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) {
    throw new Error(`${place}/address: expected a path, got ${address}; the host belongs in servers.`);
  }
  const names = namesOfPath(address);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${place}/address: expected each parameter once, got {${twice}} again.`);
  const declared = channel.parameters ?? {};
  for (const name of Object.keys(declared)) {
    if (!names.includes(name)) throw new Error(`${place}/parameters/${name}: the address ${address} has no {${name}}.`);
  }
  const parameters = names.map((name) => {
    const part = Object.hasOwn(declared, name) ? declared[name] : {};
    const parameter = resolvePointer(document, part, `${place}/parameters/${name}`);
    return { name, description: parameter.description ?? '', values: parameter.enum ?? [] };
  });
  return { address: address.startsWith('/') ? address : `/${address}`, parameters };
}

/** The names of a path's parameters, in order. @param {string} address */
export function namesOfPath(address) {
  return [...address.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
}

/** @param {{id: string, address: string}[]} channels */
export function refuseSameAddresses(channels) {
  const known = new Map();
  for (const { id, address } of channels) {
    const path = address.replace(/\{[^}]+\}/g, '{}');
    if (known.has(path)) {
      throw new Error(`channels/${known.get(path)} and channels/${id} have one address, ${address}; expected two.`);
    }
    known.set(path, id);
  }
}

/**
 * The schemas of a handshake, under names of their own.
 *
 * @param {any} document
 * @param {string} id
 */
export function readHandshakeSchemas(document, id) {
  const place = `channels/${id}/bindings/ws`;
  const channel = resolvePointer(document, document.channels[id], `channels/${id}`);
  const bindings = resolvePointer(document, channel.bindings, `channels/${id}/bindings`);
  const ws = resolvePointer(document, bindings?.ws, place);
  const name = nameChannel(id);
  const names = { query: `${name}Query`, headers: `${name}Headers` };
  for (const schema of Object.values(names)) {
    if (Object.hasOwn(document.components?.schemas ?? {}, schema)) {
      throw new Error(`The schema ${schema} has the name of a handshake's; see ${place}.`);
    }
  }
  return {
    id,
    names,
    schemas: {
      [names.query]: ws?.query ?? { type: 'object' },
      [names.headers]: readHeaders(document, ws?.headers, `${place}/headers`),
    },
    places: { [names.query]: `${place}/query`, [names.headers]: `${place}/headers` },
  };
}

function readHeaders(document, declared, place) {
  const headers = resolvePointer(document, declared, place) ?? { type: 'object' };
  for (const keyword of Object.keys(headers)) {
    if (!HEADER_KEYWORDS.includes(keyword) && !keyword.startsWith('x-')) {
      throw new Error(`The keyword ${keyword} of ${place} is not supported.`);
    }
  }
  const lowerCase = (name) => name.toLowerCase();
  const properties = Object.entries(headers.properties ?? {}).map(([name, schema]) => [lowerCase(name), schema]);
  const names = properties.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${place}/properties: expected each header once, got ${twice} again.`);
  return {
    ...headers,
    properties: Object.fromEntries(properties),
    required: (headers.required ?? []).map(lowerCase),
    // A handshake brings many headers of its own.
    additionalProperties: true,
  };
}
