/**
 * @file Names in generated code, made from names in a document.
 */

/** `turn_started`, `turn-started` or `turnStarted` as `TurnStarted`. @param {string} name */
export function pascalCase(name) {
  return words(name)
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
}

/** `turn_started` or `TurnStarted` as `turnStarted`. @param {string} name */
export function camelCase(name) {
  const pascal = pascalCase(name);
  return pascal[0].toLowerCase() + pascal.slice(1);
}

/** A property key: quoted only where it must be. @param {string} name */
export function propertyKey(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

/** A string literal in single quotes. @param {string} text */
export function quote(text) {
  const body = JSON.stringify(text).slice(1, -1);
  return `'${body.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A block comment for people who hover over the name; empty without a text. @param {string | undefined} text @param {string} [indent] */
export function docstring(text, indent = '') {
  if (text === undefined || text.trim() === '') return '';
  const lines = text.trim().replaceAll('*/', '* /').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

/** @param {string} name */
function words(name) {
  const found = name.match(/[A-Za-z0-9]+/g);
  if (found === null) throw new Error(`No name for code can be made of ${JSON.stringify(name)}.`);
  return found;
}
