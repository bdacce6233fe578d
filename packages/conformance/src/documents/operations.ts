import { follow, openapi } from './documents.js';
import { elementsOf, escapeKey, find, type Json, membersOf, textAt } from './json.js';

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Json;
  /** Its place in openapi.yaml, as a JSON pointer. */
  readonly pointer: string;
}

/** The JSON body of an operation. */
export interface Body {
  readonly required: boolean;
  readonly schema: Json;
  /** The documented bodies, by name. */
  readonly examples: readonly (readonly [name: string, value: Json])[];
  /** The place of its schema in openapi.yaml, as a JSON pointer. */
  readonly pointer: string;
}

/** An operation of openapi.yaml. */
export interface Operation {
  readonly operationId: string;
  /** In upper case. */
  readonly method: string;
  /** The path, with parameters in braces. */
  readonly path: string;
  /** Whether it needs a credential. */
  readonly secured: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Body | undefined;
  /** The documented statuses, without `default`. */
  readonly statuses: readonly number[];
  /** Its place in openapi.yaml, as a JSON pointer. */
  readonly pointer: string;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Every operation of openapi.yaml, in its order. */
export const operations: readonly Operation[] = membersOf(openapi.paths).flatMap(([path, item]) =>
  membersOf(item)
    .filter(([method]) => METHODS.includes(method))
    .map(([method, node]) => readOperation(path, method, item, node)),
);

/** The operation of a request; undefined if openapi.yaml has none for it. */
export function operationOf(method: string, target: string): Operation | undefined {
  const segments = (target.split('?', 1)[0] ?? '').split('/');
  return operations.find((operation) => operation.method === method && fits(operation.path.split('/'), segments));
}

/** The methods that a path takes; empty for an unknown path. */
export function methodsOf(path: string): string[] {
  return operations.filter((operation) => operation.path === path).map(({ method }) => method);
}

function fits(expected: readonly string[], segments: readonly string[]): boolean {
  if (expected.length !== segments.length) return false;
  return expected.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]));
}

function readOperation(path: string, method: string, item: Json, node: Json): Operation {
  const above = `/paths/${escapeKey(path)}`;
  const pointer = `${above}/${method}`;
  const security = find(node, 'security');
  return {
    operationId: textAt(node, 'operationId'),
    method: method.toUpperCase(),
    path,
    secured: security === undefined || elementsOf(security).length > 0,
    parameters: [...readParameters(above, item), ...readParameters(pointer, node)],
    body: readBody(pointer, node),
    statuses: membersOf(find(node, 'responses')).flatMap(([status]) => (status === 'default' ? [] : [Number(status)])),
    pointer,
  };
}

function readParameters(pointer: string, node: Json): Parameter[] {
  return elementsOf(find(node, 'parameters')).map((_, index) => {
    const place = follow(`${pointer}/parameters/${index}`);
    const where = textAt(place.node, 'in');
    if (where !== 'path' && where !== 'query' && where !== 'header') throw new Error(`a parameter in ${where}`);
    return {
      name: textAt(place.node, 'name'),
      in: where,
      required: find(place.node, 'required') === true,
      schema: find(place.node, 'schema') ?? {},
      pointer: place.pointer,
    };
  });
}

function readBody(pointer: string, node: Json): Body | undefined {
  const content = find(node, 'requestBody', 'content', 'application/json');
  if (content === undefined) return undefined;
  return {
    required: find(node, 'requestBody', 'required') === true,
    schema: find(content, 'schema') ?? {},
    examples: membersOf(find(content, 'examples')).map(([name, example]) => [name, find(example, 'value') ?? null]),
    pointer: `${pointer}/requestBody/content/application~1json/schema`,
  };
}
