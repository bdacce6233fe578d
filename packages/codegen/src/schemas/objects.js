/**
 * @file The check of an object: one function, so that each property is read by its name.
 */
import { propertyKey, quote } from '../names.js';
import { dereference } from './walk.js';

/**
 * @param {import('./compile.js').Compiler} compiler
 * @param {any} schema
 * @param {string} [name] Of the function; without one it gets a name of its own.
 * @returns {string} The name.
 */
export function compileObject(compiler, schema, name) {
  const lines = [
    ...compileProperties(compiler, schema),
    ...compileDependencies(compiler, schema),
    ...compileRest(compiler, schema),
    ...compileSize(schema),
  ];
  if (schema.propertyNames !== undefined) lines.push(`keys(value, ${compiler.check(schema.propertyNames)}, problems);`);
  const guard = lines.length === 0 ? '  object(value, problems);\n' : '  if (!object(value, problems)) return;\n';
  return compiler.declareFunction(`${guard}${lines.map((line) => `  ${line}\n`).join('')}`, name);
}

function compileProperties(compiler, { properties = {}, required = [] }) {
  const names = [...new Set([...Object.keys(properties), ...required])];
  return names.flatMap((name) => {
    const check = properties[name] === undefined ? 'anything' : compiler.check(properties[name]);
    if (!required.includes(name)) {
      return check === 'anything' ? [] : [`may(${read(name)}, ${quote(name)}, ${check}, problems);`];
    }
    return [`need(${read(name)}, ${quote(name)}, ${check}, problems);`];
  });
}

function compileDependencies(compiler, { dependentRequired = {}, dependentSchemas = {} }) {
  const needs = Object.entries(dependentRequired).map(([name, others]) => {
    const calls = others.map((other) => `need(${read(other)}, ${quote(other)}, anything, problems);`);
    return `if (${read(name)} !== undefined) { ${calls.join(' ')} }`;
  });
  const checks = Object.entries(dependentSchemas).map(
    ([name, schema]) => `if (${read(name)} !== undefined) ${compiler.check(schema)}(value, problems);`,
  );
  return [...needs, ...checks];
}

/** What may stand beside the named properties. */
function compileRest(compiler, schema) {
  const lines = [];
  const patterns = patternsOf(compiler, schema);
  if (schema.additionalProperties !== undefined || patterns.length > 0) {
    const names = Object.keys(schema.properties ?? {});
    lines.push(...restLine(compiler, names, patterns, schema.additionalProperties ?? true));
  }
  if (schema.unevaluatedProperties !== undefined && schema.unevaluatedProperties !== true) {
    const { names, patterns: inherited, open } = evaluated(compiler, schema);
    if (!open) lines.push(...restLine(compiler, names, inherited, schema.unevaluatedProperties));
  }
  return lines;
}

function restLine(compiler, names, patterns, others) {
  if (others === true && patterns.length === 0) return [];
  const known = compiler.constant('names', `new Set<string>(${JSON.stringify(names)})`);
  if (others === false && patterns.length === 0) return [`closed(value, ${known}, problems);`];
  const check = others === false ? 'undefined' : compiler.check(others);
  if (check === 'anything' && patterns.length === 0) return [];
  return [`rest(value, ${known}, [${patterns.join(', ')}], ${check}, problems);`];
}

function patternsOf(compiler, { patternProperties = {} }) {
  return Object.entries(patternProperties).map(([pattern, schema]) => {
    return `[${compiler.constant('pattern', String(new RegExp(pattern, 'u')))}, ${compiler.check(schema)}]`;
  });
}

/** The properties that a schema and those it is made of name, where that can be said without seeing a value. */
function evaluated(compiler, schema) {
  const names = [];
  const patterns = [];
  let open = false;
  const collect = (part) => {
    names.push(...Object.keys(part.properties ?? {}));
    patterns.push(...patternsOf(compiler, part));
    open ||= part.additionalProperties !== undefined && part.additionalProperties !== false;
    for (const keyword of ['oneOf', 'anyOf', 'if', 'dependentSchemas']) {
      if (keyword in part) throw new Error(`unevaluatedProperties together with ${keyword} is not supported.`);
    }
    if (part.$ref !== undefined) collect(dereference(part, compiler.schemas));
    for (const member of part.allOf ?? []) collect(member);
  };
  collect(schema);
  return { names: [...new Set(names)], patterns: [...new Set(patterns)], open };
}

function compileSize({ minProperties, maxProperties }) {
  if (minProperties === undefined && maxProperties === undefined) return [];
  return [`size(value, ${minProperties ?? 0}, ${maxProperties ?? 'Number.POSITIVE_INFINITY'}, problems);`];
}

/** The property itself, and not what every object inherits under its name. */
function read(name) {
  if (name in Object.prototype) return `own(value, ${quote(name)})`;
  return propertyKey(name) === name ? `value.${name}` : `value[${quote(name)}]`;
}
