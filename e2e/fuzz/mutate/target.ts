import type { Random } from '../../shared/random.js';
import type { HttpRequest } from '../wire/request.js';

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'SEARCH',
  'M-SEARCH',
] as const;
const IDS = [
  'x',
  '%zz',
  '%00',
  '%2e%2e',
  '..',
  '__proto__',
  'constructor',
  '%ff%fe',
  '%F0%9F%98%80',
  'a%2Fb',
  'x'.repeat(127),
  'x'.repeat(200),
  'x'.repeat(9_000),
  '550E8400-E29B-41D4-A716-446655440000',
  ';a=b',
  '*',
  '{session_id}',
] as const;
const QUERIES = [
  '?',
  '?&&&',
  '?=',
  '?limit=',
  '?limit=0',
  '?limit=1e3',
  '?limit=-1',
  '?limit=1&limit=2',
  '?limit[]=1',
  '?limit[a]=1',
  '?__proto__[a]=1',
  '?constructor=1',
  '?status=asleep',
  '?status=%ff',
  '?cursor=%00',
  '?cursor=MTox',
  '?cursor=MTo1NTBlODQwMA',
  `?cursor=${'c'.repeat(257)}`,
  '?after=9007199254740992',
  '?after=9007199254740991',
  '?after=-1',
  '?after=0x10',
  '?after=1.5',
  '?after=%20',
  '?after=1&limit=1000',
  '?since_event_id=1e1',
  '?since_event_id=99999999',
  '?since_event_id=',
  '?purge=maybe',
  '?purge=1',
  '?unknown=1',
  `?${'a=1&'.repeat(1_500)}`,
  `?x=${'y'.repeat(8_000)}`,
  '?%',
  '?\xff',
  '?a#b',
] as const;

/** Changes the method, the path or the query. The request line is still valid HTTP. */
export function mutateTarget(random: Random, request: HttpRequest): HttpRequest {
  const [path = '', query] = request.target.split('?', 2);
  const segments = path.split('/');
  const rest = query === undefined ? '' : `?${query}`;
  return random.pick<() => HttpRequest>([
    () => ({ ...request, method: random.pick(METHODS) }),
    () => ({ ...request, target: `${path}${random.pick(QUERIES)}` }),
    () => ({ ...request, target: `${path}${random.pick(QUERIES)}` }),
    () => ({ ...request, target: `${replaceSegment(random, segments)}${rest}` }),
    () => ({ ...request, target: `${replaceSegment(random, segments)}${rest}` }),
    () => ({
      ...request,
      target: random.pick([`${path}/`, `/${path}`, `${path}//`, path.toUpperCase(), `${path}%20`]),
    }),
    () => ({
      ...request,
      target: random.pick(['/', '/api', '//', '/%', '/favicon.ico', '/api/../api/health', '/.', '*']),
    }),
    () => ({ ...request, target: `http://127.0.0.1${request.target}` }),
    () => ({ ...request, target: encodeSome(random, path) + rest }),
  ])();
}

function replaceSegment(random: Random, segments: readonly string[]): string {
  const at = segments.length > 3 && random.chance(0.8) ? 3 : random.integer(1, Math.max(1, segments.length - 1));
  return segments.map((segment, index) => (index === at ? random.pick(IDS) : segment)).join('/');
}

function encodeSome(random: Random, path: string): string {
  const at = random.integer(1, Math.max(1, path.length - 1));
  const code = path.charCodeAt(at);
  return Number.isNaN(code) ? path : `${path.slice(0, at)}%${code.toString(16).padStart(2, '0')}${path.slice(at + 1)}`;
}
