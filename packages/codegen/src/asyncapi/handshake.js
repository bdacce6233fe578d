/**
 * @file How a connection begins: what a server reads from the request, and the URL that a client connects to.
 */
import { access, camelCase, docstring, literal, propertyKey, quote, typeName } from '../names.js';
import { checkName } from '../schemas/compile.js';
import { dereference } from '../schemas/walk.js';
import { readValueTypes } from './value-types.js';

/** @param {import('./model.js').Model} model @param {string} validate The folder of the run-time modules. */
export function emitHandshake(model, validate) {
  const { channels } = model;
  if (channels.length === 0) return '';
  const names = channels.flatMap(({ query, headers }) => [query, headers]);
  return `import type { Validation } from '${validate}/problems.js';
import { type HandshakeHeaders, type HandshakeRules, buildUrl, readHandshake } from '${validate}/request.js';
import { ${names.map(checkName).join(', ')} } from './strict.js';
import type * as Types from './types.js';

${channels.map((channel) => emitChannel(channel, model)).join('\n')}
/** A handshake of any channel. */
export type Handshake = ${channels.map(({ name }) => `${name}Handshake`).join(' | ')};

/**
 * Reads the handshake of the channel whose path it has; undefined where no channel has this path.
 *
 * @param target The request's path and query.
 * @param headers Their names in lower case.
 */
export function parseHandshake(target: string, headers: HandshakeHeaders = {}): Validation<Handshake> | undefined {
  return (
    ${sortByPath(channels)
      .map(({ name }) => `parse${name}Handshake(target, headers)`)
      .join(' ??\n    ')}
  );
}
`;
}

function emitChannel(channel, { schemas, places }) {
  const { id, name, address, parameters, query, headers } = channel;
  const members = parameters.map((parameter) => {
    const type = parameter.values.length === 0 ? 'string' : parameter.values.map(quote).join(' | ');
    return `${docstring(parameter.description, '  ')}  readonly ${propertyKey(parameter.name)}: ${type};`;
  });
  const rules = `${camelCase(id)}Rules`;
  const hasPath = parameters.length > 0;
  const args = [...(hasPath ? [`path: ${name}Parameters`] : []), `query: Types.${typeName(query)} = {}`];
  const optionalQuery = (dereference(schemas[query], schemas).required ?? []).length === 0;
  const queryTypes = readValueTypes(schemas[query], schemas, places[query]);
  const others = queryTypes.others === undefined ? '' : `\n  otherQuery: ${literal(queryTypes.others)},`;
  return `${docstring(`The parameters of the path of \`${id}\`.`)}export interface ${name}Parameters {
${members.join('\n')}
}

${docstring(`The handshake of the channel \`${id}\`.`)}export interface ${name}Handshake {
  readonly channel: ${quote(id)};
  readonly path: ${name}Parameters;
  readonly query: Types.${typeName(query)};
  /** Those that the document names, in lower case. */
  readonly headers: Types.${typeName(headers)};
}

const ${rules}: HandshakeRules = {
  path: ${pathPattern(address)},
  parameters: ${literal(parameters.map((parameter) => ({ name: parameter.name, values: parameter.values })))},
  query: ${literal(queryTypes.named)} as const,${others}
  headers: ${literal(readValueTypes(schemas[headers], schemas, places[headers]).named)} as const,
  checkQuery: ${checkName(query)},
  checkHeaders: ${checkName(headers)},
};

${docstring(`Reads a handshake of \`${id}\`, \`${address}\`; undefined where the path is another one.`)}export function parse${name}Handshake(
  target: string,
  headers: HandshakeHeaders = {},
): Validation<${name}Handshake> | undefined {
  const result = readHandshake(${rules}, target, headers);
  if (result === undefined || !result.ok) return result;
  // The checks have seen what the types promise.
  return { ok: true, value: { channel: ${quote(id)}, ...result.value } as unknown as ${name}Handshake };
}

${docstring(`The URL of \`${id}\` on a server; \`base\` begins with http or ws.`)}export function build${name}Url(base: string, ${(optionalQuery ? args : args.map((arg) => arg.replace(' = {}', ''))).join(', ')}): string {
  return buildUrl(base, ${pathTemplate(address)}, query);
}
`;
}

function pathPattern(address) {
  const parts = encode(address)
    .split(/\{[^}]+\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return String(new RegExp(`^${parts.join('([^/]+)')}$`));
}

function pathTemplate(address) {
  const text = encode(address).replace(/\{([^}]+)\}/g, (_, name) => `\${encodeURIComponent(path${access(name)})}`);
  return `\`${text}\``;
}

/** What a URL cannot hold as it stands, outside of the names of parameters. */
function encode(address) {
  return address.replace(/\{[^}]+\}|[^\x21-\x7e]+|["<>\\^`|]/g, (found) => {
    return found.startsWith('{') ? found : encodeURIComponent(found);
  });
}

/** Of two paths that one target fits, the one that says more is asked first: `/rooms/new` before `/rooms/{id}`. */
function sortByPath(channels) {
  const key = ({ address }) => address.replace(/\{[^}]+\}/g, '\u{10ffff}');
  return [...channels].sort((left, right) => (key(left) < key(right) ? -1 : Number(key(left) > key(right))));
}
