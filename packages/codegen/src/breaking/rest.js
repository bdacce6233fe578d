/**
 * @file What has changed between two releases of the REST interface.
 */
import { compareAnswers } from './answers.js';
import { inside } from './contract.js';
import { compareSecurity } from './security.js';
import { objectNode } from './shapes.js';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const FILE = 'openapi.yaml#';
const GONE = 'Old clients call it; the new server does not know it.';

/**
 * @param {ReturnType<typeof import('./judge.js').createJudge>} judge
 * @param {import('./contract.js').Contract} old
 * @param {import('./contract.js').Contract} current
 */
export function compareRest(judge, old, current) {
  const [before, after] = [readOperations(old), readOperations(current)];
  for (const operation of before.values()) {
    const same = after.get(operation.id);
    if (same === undefined) tellGone(judge, operation, [...after.values()]);
    else compareOperation(judge, old, current, operation, same);
  }
  for (const operation of after.values()) {
    if (before.has(operation.id)) continue;
    const what = `the operation ${operation.id} (${operation.method} ${operation.path}) is new`;
    const means = 'Old clients do not call it.';
    judge.tell(operation.id, {
      breaking: false,
      direction: 'operation',
      rule: 'operation',
      what,
      means,
      new: operation.place,
    });
  }
  for (const [index, { url }] of (old.documents['openapi.yaml'].servers ?? []).entries()) {
    if ((current.documents['openapi.yaml'].servers ?? []).some((server) => server.url === url)) continue;
    const place = inside(FILE, 'servers', index);
    judge.tell('every operation', {
      breaking: true,
      direction: 'operation',
      rule: 'address',
      what: `the address ${url} is gone`,
      means: 'Old clients that use the documented address find nobody there.',
      old: place,
    });
  }
}

/** @param {import('./contract.js').Contract} contract */
function readOperations(contract) {
  const operations = new Map();
  for (const [path, item] of Object.entries(contract.documents['openapi.yaml'].paths ?? {})) {
    for (const method of METHODS.filter((name) => item[name] !== undefined)) {
      const place = inside(FILE, 'paths', path, method);
      const id = item[method].operationId;
      operations.set(id, {
        id,
        method: method.toUpperCase(),
        path,
        place,
        operation: item[method],
        itemPlace: inside(FILE, 'paths', path),
      });
    }
  }
  return operations;
}

/** A path with its parameters by position: their names are not on the wire. */
function shapeOf({ method, path }) {
  return `${method} ${path.replaceAll(/\{[^}]+\}/g, '{}')}`;
}

function tellGone(judge, operation, others) {
  const renamed = others.find((other) => shapeOf(other) === shapeOf(operation));
  const change = {
    breaking: true,
    direction: 'operation',
    rule: 'operation',
    old: operation.place,
    new: renamed?.place,
  };
  const name = `${operation.id} (${operation.method} ${operation.path})`;
  if (renamed === undefined)
    judge.tell(operation.id, { ...change, what: `the operation ${name} is gone`, means: GONE });
  else {
    const means = 'Code that was generated from the old document calls it by its old name.';
    judge.tell(operation.id, { ...change, what: `the operation ${name} is called ${renamed.id} now`, means });
  }
}

function compareOperation(judge, old, current, before, after) {
  const { id } = before;
  if (shapeOf(before) !== shapeOf(after)) {
    const what = `${before.method} ${before.path} has become ${after.method} ${after.path}`;
    judge.tell(id, {
      breaking: true,
      direction: 'operation',
      rule: 'operation',
      what,
      means: GONE,
      old: before.place,
      new: after.place,
    });
  }
  compareSecurity(judge, id, securityOf(old, before), securityOf(current, after));
  for (const kind of ['path', 'query', 'header', 'cookie']) {
    judge.compare('request', `request, ${kind}`, id, (side, isOld) =>
      parametersNode(side, isOld ? before : after, kind),
    );
  }
  judge.compare('request', 'request', id, (side, isOld) => bodyNode(side, isOld ? before : after));
  compareAnswers(judge, old, current, before, after);
}

function securityOf(contract, { operation, place }) {
  const document = contract.documents['openapi.yaml'];
  const schemes = document.components?.securitySchemes ?? {};
  const own = operation.security !== undefined;
  return {
    place: own ? inside(place, 'security') : inside(FILE, 'security'),
    requirements: operation.security ?? document.security ?? [],
    definition: (name) => schemes[name],
  };
}

function parametersNode({ contract, node }, { path, operation, place, itemPlace }, kind) {
  const item = contract.value(itemPlace);
  const places = [
    ...(item.parameters ?? []).map((_, index) => inside(itemPlace, 'parameters', index)),
    ...(operation.parameters ?? []).map((_, index) => inside(place, 'parameters', index)),
  ].map(contract.follow);
  // One of the operation replaces one of the path with the same name and place.
  const parameters = new Map(places.map((at) => [`${contract.value(at).in} ${contract.value(at).name}`, at]));
  const members = [...parameters.values()]
    .filter((at) => contract.value(at).in === kind)
    .map((at) => {
      const { name, required } = contract.value(at);
      return {
        name: nameOf(kind, name, path),
        node: node(inside(at, 'schema')),
        required: required === true,
        place: at,
      };
    });
  return objectNode(inside(place, 'parameters'), members, true);
}

function nameOf(kind, name, path) {
  if (kind === 'path') return `${[...path.matchAll(/\{([^}]+)\}/g)].findIndex(([, known]) => known === name)}`;
  return kind === 'header' ? name.toLowerCase() : name;
}

/** The body as a property for each media type, of which a request that needs a body has one. */
function bodyNode({ contract, node }, { operation, place }) {
  if (operation.requestBody === undefined) return objectNode(place, [], true);
  const at = contract.follow(inside(place, 'requestBody'));
  const { required, content } = contract.value(at);
  const types = Object.keys(content ?? {});
  const members = types.map((type) => ({
    name: type,
    node: node(inside(at, 'content', type, 'schema')),
    required: required === true && types.length === 1,
    place: at,
  }));
  return objectNode(at, members, true);
}
