import { operationOf } from '@parleyhq/conformance';
import { clientFrames, type Json } from '../../shared/document.js';
import type { Random } from '../../shared/random.js';
import { breakFrames } from '../mutate/frames.js';
import { breakFraming } from '../mutate/framing.js';
import { mutateHeaders } from '../mutate/headers.js';
import { mutateStructure } from '../mutate/structure.js';
import { mutateTarget } from '../mutate/target.js';
import { mutateText, oversize } from '../mutate/text.js';
import { type HttpRequest, withHeader, writeRequest } from '../wire/request.js';
import { baseRequest, pickOperation } from './base-request.js';
import type { World } from './world.js';

/** What one case sends. The same seed, number and world give the same plan, except for ids. */
export type Plan =
  /** Valid HTTP with content that may be invalid. It gets exactly one answer. */
  | {
      readonly kind: 'request';
      readonly request: HttpRequest;
      readonly bytes: Buffer;
      readonly pieces: readonly number[];
    }
  /** Bytes that may not be HTTP. The connection ends, with or without an answer. */
  | {
      readonly kind: 'bytes';
      readonly request: HttpRequest;
      readonly bytes: Buffer;
      readonly pieces: readonly number[];
    }
  /** The handshake of a socket. It gets exactly one answer, 101 or another. */
  | {
      readonly kind: 'handshake';
      readonly request: HttpRequest;
      readonly bytes: Buffer;
      readonly pieces: readonly number[];
    }
  /** A text message with content that may be invalid. */
  | { readonly kind: 'message'; readonly payload: Buffer }
  /** Bytes that may not be frames. The connection ends. */
  | { readonly kind: 'frames'; readonly bytes: Buffer; readonly pieces: readonly number[] };

/** Plans a case. */
export function planCase(random: Random, world: World): Plan {
  const kind = random.next();
  if (kind < 0.5) return planRequest(random, world);
  if (kind < 0.65) return planBytes(random, world);
  if (kind < 0.7) return planHandshake(random, world);
  if (kind < 0.9) return { kind: 'message', payload: planMessage(random) };
  const bytes = breakFrames(random, planMessage(random, 0.3));
  return { kind: 'frames', bytes, pieces: planPieces(random, bytes) };
}

function planRequest(random: Random, world: World): Plan {
  const { request, body } = planContent(random, world);
  const framed: HttpRequest = { ...request, body, framing: random.chance(0.15) ? 'chunks' : 'length' };
  const bytes = writeRequest(framed);
  return { kind: 'request', request: framed, bytes, pieces: planPieces(random, bytes) };
}

function planBytes(random: Random, world: World): Plan {
  const { request, body } = planContent(random, world);
  const whole = { ...request, body };
  const bytes = breakFraming(random, whole);
  return { kind: 'bytes', request: whole, bytes, pieces: planPieces(random, bytes) };
}

function planContent(random: Random, world: World): { request: HttpRequest; body: Buffer | undefined } {
  const base = baseRequest(random, pickOperation(random), world);
  let { request } = base;
  let body = base.body === undefined ? undefined : planBody(random, base.body);
  if (random.chance(0.4)) request = mutateHeaders(random, request);
  if (random.chance(0.3)) request = mutateTarget(random, request);
  if (body === undefined && random.chance(0.05)) body = Buffer.from(random.pick(['{}', '[', 'x'.repeat(70_000)]));
  // The shared session must not be closed, also if the method becomes DELETE.
  if (request.method === 'DELETE') request = { ...request, target: request.target.replace(world.live, world.closed) };
  return { request, body };
}

function planBody(random: Random, value: Json): Buffer {
  let changed = value;
  for (let changes = random.integer(0, 3); changes > 0; changes -= 1) changed = mutateStructure(random, changed);
  const bytes = Buffer.from(JSON.stringify(changed));
  if (random.chance(0.005)) return oversize(random, bytes);
  return random.chance(0.25) ? mutateText(random, bytes) : bytes;
}

function planMessage(random: Random, changed = 0.95): Buffer {
  const [first = null, ...others] = clientFrames;
  const frame = random.pick([first, ...others]);
  return random.chance(changed) ? planBody(random, frame) : Buffer.from(JSON.stringify(frame));
}

const VERSIONS = ['13', '13', '13', '13', '8', '', '13, 8', 'x'] as const;
const KEYS = ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ==', '', 'short', 'x'.repeat(3_000)] as const;
const PROTOCOLS = [
  'parley.v1',
  'parley.v1',
  'chat',
  'parley.v1, parley.v1',
  '',
  ',',
  'a b',
  '\xff',
  'x'.repeat(2_000),
] as const;
const EXTENSIONS = [
  'permessage-deflate',
  'permessage-deflate; server_max_window_bits=99',
  ';;;',
  '',
  'x'.repeat(2_000),
] as const;
const SINCE = [
  '',
  '?since_event_id=1',
  '?since_event_id=',
  '?since_event_id=-1',
  '?since_event_id=9007199254740991',
  '?since_event_id=1e400',
  '?x=1',
] as const;

function planHandshake(random: Random, world: World): Plan {
  const target = `/api/sessions/${random.pick([world.live, world.live, world.closed])}/events${random.pick(SINCE)}`;
  let request = handshake(target, world);
  const change = (name: string, value: string) => {
    request = withHeader(request, name, value);
  };
  if (random.chance(0.4)) change('Sec-WebSocket-Version', random.pick(VERSIONS));
  if (random.chance(0.4)) change('Sec-WebSocket-Key', random.pick(KEYS));
  if (random.chance(0.5)) change('Sec-WebSocket-Protocol', random.pick(PROTOCOLS));
  if (random.chance(0.3)) change('Sec-WebSocket-Extensions', random.pick(EXTENSIONS));
  if (random.chance(0.4)) request = mutateHeaders(random, request);
  if (random.chance(0.2)) request = mutateTarget(random, request);
  // Not a handshake that ends the session.
  if (request.method === 'DELETE') request = { ...request, method: 'POST' };
  const bytes = writeRequest(request);
  return { kind: 'handshake', request, bytes, pieces: planPieces(random, bytes) };
}

/** A valid handshake. */
export function handshake(target: string, { port, token }: World): HttpRequest {
  return {
    method: 'GET',
    target,
    headers: [
      ['Host', `127.0.0.1:${port}`],
      ['Authorization', `Bearer ${token}`],
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ],
  };
}

/** Whether bytes go out in pieces, and in which. */
function planPieces(random: Random, { length }: Buffer): number[] {
  if (random.chance(0.85)) return [];
  return Array.from({ length: random.integer(1, 6) }, () => random.integer(1, Math.max(1, length >> 2)));
}

/** Which operation a plan is for, for people. */
export function nameOf(plan: Plan): string {
  if (plan.kind === 'message' || plan.kind === 'frames') return plan.kind;
  const operation = operationOf(plan.request.method, plan.request.target);
  return `${plan.kind} ${operation?.operationId ?? 'of no operation'}`;
}
