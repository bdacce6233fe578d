/**
 * @file How a connection begins: what a server reads from the request, and the URL that a client connects to.
 */
import { camelCase, docstring, propertyKey, quote } from '../names.js';
import { checkName } from '../schemas/compile.js';
import { typeName } from '../schemas/types.js';
import { dereference } from '../schemas/walk.js';

/** @param {import('./model.js').Model} model @param {string} validate The folder of the run-time modules. */
export function emitHandshake(model, validate) {
  const { channels } = model;
  if (channels.length === 0) return '';
  const names = channels.flatMap(({ query, headers }) => [query, headers]);
  return `import type { Validation } from '${validate}/problems.js';
import { type HandshakeHeaders, type HandshakeRules, buildUrl, readHandshake } from '${validate}/request.js';
import { ${names.map(checkName).join(', ')} } from './strict.js';
import type { ${names.map(typeName).join(', ')} } from './types.js';

${channels.map((channel) => emitChannel(channel, model.schemas)).join('\n')}
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
    ${channels.map(({ name }) => `parse${name}Handshake(target, headers)`).join(' ??\n    ')}
  );
}
`;
}

function emitChannel(channel, schemas) {
  const { id, name, address, parameters, query, headers } = channel;
  const members = parameters.map((parameter) => {
    const type = parameter.values.length === 0 ? 'string' : parameter.values.map(quote).join(' | ');
    return `${docstring(parameter.description, '  ')}  readonly ${propertyKey(parameter.name)}: ${type};`;
  });
  const rules = `${camelCase(id)}Rules`;
  const hasPath = parameters.length > 0;
  const args = [...(hasPath ? [`path: ${name}Parameters`] : []), `query: ${typeName(query)} = {}`];
  const optionalQuery = (dereference(schemas[query], schemas).required ?? []).length === 0;
  return `${docstring(`The parameters of the path of \`${id}\`.`)}export interface ${name}Parameters {
${members.join('\n')}
}

${docstring(`The handshake of the channel \`${id}\`.`)}export interface ${name}Handshake {
  readonly channel: ${quote(id)};
  readonly path: ${name}Parameters;
  readonly query: ${typeName(query)};
  /** Those that the document names, in lower case. */
  readonly headers: ${typeName(headers)};
}

const ${rules}: HandshakeRules = {
  path: ${pathPattern(address)},
  parameters: ${JSON.stringify(pathNames(address).map((parameter) => ({ name: parameter, values: parameters.find((known) => known.name === parameter)?.values ?? [] })))},
  query: ${JSON.stringify(valueTypes(schemas[query], schemas))},
  headers: ${JSON.stringify(valueTypes(schemas[headers], schemas))},
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

function pathNames(address) {
  return [...address.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
}

function pathPattern(address) {
  const parts = withSlash(address)
    .split(/\{[^}]+\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return String(new RegExp(`^${parts.join('([^/]+)')}$`));
}

function pathTemplate(address) {
  const text = withSlash(address)
    .replaceAll('`', '\\`')
    .replace(/\{([^}]+)\}/g, (_, name) => {
      const key = propertyKey(name);
      return `\${encodeURIComponent(path${key === name ? `.${name}` : `[${key}]`})}`;
    });
  return `\`${text}\``;
}

function withSlash(address) {
  return address.startsWith('/') ? address : `/${address}`;
}

/** What text in the query or in a header stands for. */
function valueTypes(schema, schemas) {
  const properties = Object.entries(dereference(schema, schemas).properties ?? {});
  return Object.fromEntries(properties.map(([name, property]) => [name, valueType(property, schemas)]));
}

function valueType(schema, schemas) {
  const { type, items, enum: values } = dereference(schema, schemas);
  if (type === 'array') return `${valueType(items ?? {}, schemas)}[]`;
  const found = type ?? (values === undefined ? 'string' : typeof values[0]);
  if (found === 'integer' || found === 'number') return 'number';
  return found === 'boolean' ? 'boolean' : 'string';
}
