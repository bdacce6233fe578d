/**
 * @file The check of an object: tables of the checks of its properties, and a function around them for what a table cannot say.
 */
import { access, propertyKey, quote } from '../names.js';
import { regexp } from './code.js';
import { dereference } from './walk.js';

/**
 * @param {import('./compile.js').Compiler} compiler
 * @param {any} schema
 * @param {string[]} place
 * @param {string} [name] Of the function; without one it gets a name of its own.
 * @returns {string} The check: the function's name, or what is shorter.
 */
export function compileObject(compiler, schema, place, name) {
  const isInherited = namesOf(schema).some((property) => property in Object.prototype);
  const isClosed = !isInherited && isClosedByNames(schema);
  const table = isInherited ? undefined : compileTable(compiler, schema, place, isClosed);
  const lines = [
    ...(isInherited ? compileProperties(compiler, schema, place) : []),
    ...compileDependencies(compiler, schema, place),
    ...(isClosed ? [] : compileRest(compiler, schema, place)),
    ...compileSize(schema),
  ];
  if (schema.propertyNames !== undefined) {
    lines.push(`keys(value, ${compiler.check(schema.propertyNames, [...place, 'propertyNames'])}, problems);`);
  }
  if (lines.length === 0) return table ?? 'object';
  const guard = `  if (!${table ?? 'object'}(value, problems)) return;\n`;
  return compiler.declareFunction(`${guard}${lines.map((line) => `  ${line}\n`).join('')}`, place, name);
}

function namesOf({ properties = {}, required = [] }) {
  return [...new Set([...Object.keys(properties), ...required])];
}

/** Whether an object may have the properties that it names, and no others. */
function isClosedByNames({ properties = {}, required = [], patternProperties, ...others }) {
  const isAlone = patternProperties === undefined && others.unevaluatedProperties === undefined;
  return isAlone && others.additionalProperties === false && required.every((name) => Object.hasOwn(properties, name));
}

function checkOf(compiler, { properties = {} }, place, name) {
  if (!Object.hasOwn(properties, name)) return 'anything';
  return compiler.check(properties[name], [...place, 'properties', name]);
}

/** The properties by tables of their checks. Undefined where there is nothing to check. */
function compileTable(compiler, schema, place, isClosed) {
  const { required = [] } = schema;
  const checks = new Map(namesOf(schema).map((name) => [name, checkOf(compiler, schema, place, name)]));
  const names = [...checks.keys()];
  const needed = names.filter((name) => required.includes(name));
  const optional = names.filter((name) => !required.includes(name) && (isClosed || checks.get(name) !== 'anything'));
  if (!isClosed && needed.length + optional.length === 0) return undefined;
  const tableOf = (wanted) => `{ ${wanted.map((name) => `${propertyKey(name)}: ${checks.get(name)}`).join(', ')} }`;
  const rest = optional.length > 0 || isClosed ? [tableOf(optional)] : [];
  return compiler.constant(`fields(${[tableOf(needed), ...rest, ...(isClosed ? ['true'] : [])].join(', ')})`, place);
}

/** The properties one by one, where a name is one that every object inherits. */
function compileProperties(compiler, schema, place) {
  return namesOf(schema).flatMap((name) => {
    const check = checkOf(compiler, schema, place, name);
    if (schema.required?.includes(name)) return [`need(${read(name)}, ${quote(name)}, ${check}, problems);`];
    return check === 'anything' ? [] : [`may(${read(name)}, ${quote(name)}, ${check}, problems);`];
  });
}

function compileDependencies(compiler, { dependentRequired = {}, dependentSchemas = {} }, place) {
  const needs = Object.entries(dependentRequired).map(([name, others]) => {
    const calls = others.map((other) => `need(${read(other)}, ${quote(other)}, anything, problems);`);
    return `if (${read(name)} !== undefined) { ${calls.join(' ')} }`;
  });
  const checks = Object.entries(dependentSchemas).map(
    ([name, schema]) =>
      `if (${read(name)} !== undefined) ${compiler.check(schema, [...place, 'dependentSchemas', name])}(value, problems);`,
  );
  return [...needs, ...checks];
}

/** What may stand beside the named properties. */
function compileRest(compiler, schema, place) {
  const lines = [];
  const patterns = patternsOf(compiler, schema, place);
  if (schema.additionalProperties !== undefined || patterns.length > 0) {
    const names = Object.keys(schema.properties ?? {});
    lines.push(
      ...restLine(compiler, names, patterns, schema.additionalProperties ?? true, place, 'additionalProperties'),
    );
  }
  if (schema.unevaluatedProperties !== undefined && schema.unevaluatedProperties !== true) {
    const { names, patterns: inherited, open } = evaluated(compiler, schema, place);
    if (!open) {
      const rest = schema.unevaluatedProperties;
      lines.push(...restLine(compiler, names, inherited, rest, place, 'unevaluatedProperties'));
    }
  }
  return lines;
}

function restLine(compiler, names, patterns, others, place, keyword) {
  if (others === true && patterns.length === 0) return [];
  const known = compiler.constant(`new Set<string>(${JSON.stringify(names)})`, place);
  if (others === false && patterns.length === 0) return [`closed(value, ${known}, problems);`];
  const check = others === false ? 'undefined' : compiler.check(others, [...place, keyword]);
  if (check === 'anything' && patterns.length === 0) return [];
  return [`rest(value, ${known}, [${patterns.join(', ')}], ${check}, problems);`];
}

function patternsOf(compiler, { patternProperties = {} }, place) {
  return Object.entries(patternProperties).map(([pattern, schema]) => {
    const check = compiler.check(schema, [...place, 'patternProperties', pattern]);
    return `[${compiler.constant(regexp(pattern, compiler.where(place)), place)}, ${check}]`;
  });
}

/** The properties that a schema and those it is made of name, where that can be said without seeing a value. */
function evaluated(compiler, schema, place) {
  const names = [];
  const patterns = [];
  let open = false;
  const collect = (part) => {
    names.push(...Object.keys(part.properties ?? {}));
    patterns.push(...patternsOf(compiler, part, place));
    open ||= part.additionalProperties !== undefined && part.additionalProperties !== false;
    for (const keyword of ['oneOf', 'anyOf', 'if', 'dependentSchemas']) {
      if (keyword in part) {
        throw new Error(
          `The keyword unevaluatedProperties of ${compiler.where(place)} together with ${keyword} is not supported.`,
        );
      }
    }
    if (part.$ref !== undefined) collect(dereference(part, compiler.schemas));
    for (const member of part.allOf ?? []) collect(member);
  };
  collect(schema);
  return { names: [...new Set(names)], patterns: [...new Set(patterns)], open };
}

function compileSize({ minProperties, maxProperties }) {
  if (minProperties === undefined && maxProperties === undefined) return [];
  const bounds = maxProperties === undefined ? [minProperties] : [minProperties ?? 0, maxProperties];
  return [`size(value, problems, ${bounds.join(', ')});`];
}

/** The property itself, and not what every object inherits under its name. */
function read(name) {
  if (name in Object.prototype) return `own(value, ${quote(name)})`;
  return `value${access(name)}`;
}
