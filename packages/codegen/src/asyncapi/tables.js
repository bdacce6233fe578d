/**
 * @file Tables in Markdown for the prose about the protocol; each has a name, and stands between two markers.
 */
import { readUnions } from './model.js';

/**
 * @param {import('./model.js').Model} model
 * @param {any} document
 * @returns {Map<string, string>} The Markdown of each table by its name.
 */
export function emitTables({ channels, used }, document) {
  const tables = new Map();
  const label = channels.length === 1 ? () => '' : ({ id }) => `-${id}`;
  for (const channel of channels) tables.set(`frames${label(channel)}`, frameTable(channel));
  for (const union of readUnions(used)) {
    const rows = union.variants.flatMap(({ tags, schema, description }) =>
      tags.map((tag) => [code(tag), fieldsOf(schema, union.property), description]),
    );
    tables.set(`${kebabCase(union.name)}s`, table([code(union.property), 'fields', 'meaning'], rows));
  }
  const closeCodes = Object.entries(document['x-close-codes'] ?? {});
  if (closeCodes.length > 0) {
    const rows = closeCodes.map(([number, entry]) => [
      number,
      code(entry.name),
      entry.resume ? 'yes' : 'no',
      entry.description,
    ]);
    tables.set('close-codes', table(['code', 'name', 'resume', 'meaning'], rows));
  }
  const errors = Object.entries(document['x-errors'] ?? {});
  if (errors.length > 0) {
    const rows = errors.map(([name, entry]) => [
      code(name),
      entry.status,
      entry.close_code ?? '',
      entry.retryable ? 'yes' : 'no',
      entry.description,
    ]);
    tables.set('errors', table(['code', 'HTTP status', 'close code', 'retryable', 'meaning'], rows));
  }
  return tables;
}

/** All tables as one text, each between its markers. @param {Map<string, string>} tables */
export function joinTables(tables) {
  return [...tables].map(([name, text]) => `${opening(name)}\n${text}\n${closing(name)}\n`).join('\n');
}

/**
 * A text whose marked places hold the tables of the same name.
 *
 * @param {string} text
 * @param {string} tables What `joinTables` gave.
 * @throws where a marker names no table, or is not closed.
 */
export function fillTables(text, tables) {
  return text.replace(/<!-- generated:(\S+) -->[\s\S]*?(?:<!-- \/generated:\1 -->|$)/g, (found, name) => {
    if (!found.endsWith(closing(name))) throw new Error(`The marker ${opening(name)} is not closed.`);
    const start = tables.indexOf(opening(name));
    const known = [...tables.matchAll(/<!-- generated:(\S+) -->/g)].map(([, other]) => other);
    if (start < 0) throw new Error(`There is no table ${name}; there are ${known.join(', ')}.`);
    return tables.slice(start, tables.indexOf(closing(name), start)) + closing(name);
  });
}

function frameTable({ server, client }) {
  const rows = [
    ...server.messages.map((message) => ['server to client', message]),
    ...client.messages.map((message) => ['client to server', message]),
  ];
  return table(
    ['frame', 'direction', 'schema', 'meaning'],
    rows.map(([direction, { id, tag, schema, description }]) => [
      code(tag ?? id),
      direction,
      code(schema),
      description,
    ]),
  );
}

function fieldsOf(schema, property) {
  const required = schema?.required ?? [];
  const names = Object.keys(schema?.properties ?? {}).filter((name) => name !== property);
  return names.map((name) => code(required.includes(name) ? name : `${name}?`)).join(', ');
}

function table(head, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text) {
  return `\`${text}\``;
}

function kebabCase(name) {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

function opening(name) {
  return `<!-- generated:${name} -->`;
}

function closing(name) {
  return `<!-- /generated:${name} -->`;
}
