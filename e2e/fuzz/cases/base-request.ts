import { randomUUID } from 'node:crypto';
import { find, follow, type Json, type Operation, operations } from '../../shared/document.js';
import type { Random } from '../../shared/random.js';
import type { Header, HttpRequest } from '../wire/request.js';
import type { World } from './world.js';

const UNKNOWN = '550e8400-e29b-41d4-a716-446655440000';
const [first, ...others] = operations;

/** Picks an operation. All are equally likely. */
export function pickOperation(random: Random): Operation {
  if (first === undefined) throw new Error('openapi.yaml has no operation');
  return random.pick([first, ...others]);
}

/** A request that fits an operation, made from the document's examples, and its body as a value. */
export function baseRequest(
  random: Random,
  operation: Operation,
  world: World,
): { request: HttpRequest; body: Json | undefined } {
  // An operation that closes a session gets one that is already closed, so that the others last.
  const session =
    operation.method === 'DELETE'
      ? random.pick([world.closed, UNKNOWN])
      : random.pick([world.live, world.live, world.closed, UNKNOWN]);
  // Mostly one that there is not: each other one costs a process.
  const agent = random.chance(0.05) ? 'demo' : 'nobody';
  const path = operation.path.replace('{session_id}', session).replace('{agent}', agent);
  const pairs = operation.parameters
    .filter((parameter) => parameter.in === 'query' && parameter.name !== 'purge' && random.chance(0.4))
    .map(({ name, sample }) => `${name}=${encodeURIComponent(sample)}`);
  const target = pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
  const headers: Header[] = [
    ['Host', `127.0.0.1:${world.port}`],
    ['Authorization', `Bearer ${world.token}`],
  ];
  for (const { name, sample } of operation.parameters.filter((parameter) => parameter.in === 'header')) {
    if (random.chance(0.2)) headers.push([name, random.chance(0.5) ? sample : randomUUID()]);
  }
  const body = pickBody(random, operation, world);
  if (body !== undefined) headers.push(['Content-Type', 'application/json']);
  return { request: { method: operation.method, target, headers }, body };
}

function pickBody(random: Random, operation: Operation, world: World): Json | undefined {
  const [example, ...more] = operation.bodies;
  if (example === undefined) return undefined;
  const body = random.pick([example, ...more]);
  if (operation.operationId !== 'createSession' || typeof body !== 'object') return body;
  // Mostly the folder of the example, which does not exist: each session that is created costs a process.
  const changes: Record<string, Json> = random.chance(0.3) ? optionalMembers(random) : {};
  if (random.chance(0.05)) changes.cwd = world.project;
  return Object.assign({}, body, changes);
}

/** Members of a createSession request that the examples do not show, with values that fit. */
function optionalMembers(random: Random): Record<string, Json> {
  const { node } = follow('/components/schemas/CreateSessionRequest');
  const members: Record<string, Json> = {};
  for (const [name, schema] of Object.entries(find(node, 'properties') ?? {})) {
    const sample = find(schema, 'default') ?? find(schema, 'minimum') ?? find(schema, 'enum', '0');
    if (sample !== undefined && sample !== null && random.chance(0.4)) members[name] = sample;
  }
  return members;
}
