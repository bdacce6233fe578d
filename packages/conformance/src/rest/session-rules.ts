import type { Rule } from '../rule.js';
import type { Exchange } from '../wire/exchange.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

const CREATE = 'openapi.yaml#/paths/~1api~1sessions/post';

/** Sessions: made, found and closed. */
export const sessionRules: readonly Rule[] = [
  {
    id: 'rest/created-session',
    level: 'core',
    title: 'A new session has the requested settings, defaults for the rest, and is at the address that it names.',
    source: `${CREATE}/responses/201`,
    async run(world) {
      const cwd = await world.createFolder();
      const named = world.agent === undefined ? {} : { agent: world.agent };
      const asked = {
        title: 'Sorting',
        metadata: { a: [1, { b: null }], ü: '…' },
        approval_timeout: 1_234_000,
        ...named,
      };
      const created = await world.call({ method: 'POST', path: '/api/sessions', json: { cwd, ...asked } });
      expectAnswer(created, { status: 201 });
      expectFields(created, { ...asked, cwd, status: 'idle', turn_id: null, queued_turns: [], pending_approvals: [] });
      const defaults = { workspace: 'direct', oss: false, web_search: false, model: null, config_profile: null };
      expectFields(created, { ...defaults, approval_policy: 'ask', last_error: null, patch: null, closed_at: null });
      const { session_id, ws_url, http_url }: Record<string, unknown> = Object(created.json);
      const path = `/api/sessions/${session_id}`;
      expectThat(new URL(String(http_url)).pathname.endsWith(path), created, {
        expected: `an http_url that ends with ${path}`,
        got: show(http_url),
      });
      expectFields(created, { ws_url: `${String(http_url).replace(/^http/, 'ws')}/events` });
      const location = created.headers.get('location');
      expectThat(location === http_url, created, { expected: `Location ${http_url}`, got: show(location) });
      const got = await world.call({ path });
      expectAnswer(got, { status: 200 });
      expectFields(got, { session_id, ws_url, http_url, ...asked, cwd, status: 'idle' });
      const first = await world.call({ path: `${path}/history?limit=1` });
      const event: Record<string, unknown> = Object(field(first.json, 'items', 0, 'payload'));
      const { agent: _, ...same } = asked;
      for (const [name, value] of Object.entries({ type: 'session_created', session_id, cwd, ...same })) {
        const said = show(event[name]);
        expectThat(said === show(value), first, { expected: `an event 1 with ${name} ${show(value)}`, got: said });
      }
    },
  },
  {
    id: 'rest/timestamps',
    level: 'core',
    title: 'Times are milliseconds since the epoch, close to the current time, and do not go backwards.',
    source: 'openapi.yaml#/components/schemas/Timestamp',
    async run(world) {
      // Clocks may differ by some minutes. Seconds or microseconds instead of milliseconds differ by far more.
      const tolerance = 3_600_000;
      const { path } = await world.sharedSession();
      const health = await world.call({ path: '/api/health' });
      const session = await world.call({ path });
      const refused = await world.call({ path: `${path}/patch` });
      const times = [
        [health, 'timestamp'],
        [session, 'created_at'],
        [session, 'updated_at'],
        [refused, 'timestamp'],
      ] as const;
      for (const [exchange, name] of times) {
        const value = field(exchange.json, name);
        const isNow = Math.abs(Number(value) - Date.now()) < tolerance;
        expectThat(isNow, exchange, { expected: `${name} of about now`, got: show(value) });
      }
      const { created_at, updated_at }: { created_at?: unknown; updated_at?: unknown } = Object(session.json);
      expectThat(Number(updated_at) >= Number(created_at), session, {
        expected: `updated_at not before ${created_at}`,
        got: show(updated_at),
      });
    },
  },
  {
    id: 'rest/bad-folder',
    level: 'core',
    title: 'A cwd that is relative, missing, a file, or outside the roots is refused, and named.',
    source: 'openapi.yaml#/components/schemas/CreateSessionRequest/properties/cwd',
    async run(world) {
      const folder = await world.createFolder();
      for (const cwd of ['relative', `${folder}/missing`, `${folder}/../../../../../../../../proc`, '/proc/self']) {
        const answer = await world.call({ method: 'POST', path: '/api/sessions', json: { cwd } });
        expectAnswer(answer, { status: 400, code: 'InvalidRequest', pointer: '/body/cwd', to: `with cwd ${cwd}` });
      }
    },
  },
  {
    id: 'rest/unknown-agent',
    level: 'core',
    title: 'An agent that is not configured is refused, and named.',
    source: 'openapi.yaml#/components/schemas/CreateSessionRequest/properties/agent',
    async run(world) {
      const json = { cwd: await world.createFolder(), agent: 'no-such-agent' };
      const answer = await world.call({ method: 'POST', path: '/api/sessions', json });
      expectAnswer(answer, { status: 400, code: 'InvalidRequest', pointer: '/body/agent' });
    },
  },
  {
    id: 'rest/surroundings',
    level: 'core',
    title:
      'Directories and MCP servers that a session cannot have are refused, and named; an agent that can have them gets them.',
    source: 'openapi.yaml#/components/schemas/CreateSessionRequest/properties/additional_directories',
    async run(world) {
      const cwd = await world.createFolder();
      const named = world.agent === undefined ? {} : { agent: world.agent };
      const create = (wish: object) =>
        world.call({ method: 'POST', path: '/api/sessions', json: { cwd, ...named, ...wish } });
      const outside = await create({ additional_directories: [cwd, '/proc/self'] });
      expectAnswer(outside, { status: 400, code: 'InvalidRequest', pointer: '/body/additional_directories/1' });
      const unknown = await create({ mcp_servers: [{ name: 'no-such-server' }] });
      expectAnswer(unknown, { status: 400, code: 'InvalidRequest', pointer: '/body/mcp_servers/0/name' });
      const more = await world.createFolder();
      const answer = await create({ additional_directories: [more] });
      if (answer.status === 201) expectFields(answer, { additional_directories: [more] });
      else {
        expectAnswer(answer, { status: 422, code: 'UnsupportedByAgent', pointer: '/body/additional_directories' });
      }
    },
  },
  {
    id: 'rest/large-metadata',
    level: 'core',
    title: 'Metadata of more than 16 KiB is refused; shorter metadata is returned unchanged.',
    source: 'openapi.yaml#/components/schemas/Metadata',
    async run(world) {
      const cwd = await world.createFolder();
      const named = world.agent === undefined ? {} : { agent: world.agent };
      const create = (metadata: unknown) =>
        world.call({ method: 'POST', path: '/api/sessions', json: { cwd, ...named, metadata } });
      const kept = { text: 'x'.repeat(16_000), deep: [[[{ a: [null, true, 1.5, 'ü'] }]]] };
      const answer = await create(kept);
      expectAnswer(answer, { status: 201 });
      expectFields(answer, { metadata: kept });
      const large = await create({ text: 'x'.repeat(16_500) });
      expectAnswer(large, { status: 400, code: 'InvalidRequest', pointer: '/body/metadata' });
    },
  },
  {
    id: 'rest/close',
    level: 'core',
    title: 'A closed session accepts no more commands, keeps its history, and can be closed again without an error.',
    source: 'openapi.yaml#/paths/~1api~1sessions~1{session_id}/delete',
    async run(world) {
      const { path } = await world.createSession();
      for (const _ of ['once', 'again']) {
        expectAnswer(await world.call({ method: 'DELETE', path }), { status: 204 });
      }
      const session = await world.call({ path });
      expectAnswer(session, { status: 200 });
      expectFields(session, { status: 'closed', turn_id: null });
      const closedAt = field(session.json, 'closed_at');
      expectThat(typeof closedAt === 'number', session, { expected: 'closed_at to be a time', got: show(closedAt) });
      const commands = [
        { path: `${path}/submit`, json: { type: 'user_message', content: 'hello' } },
        { path: `${path}/submit`, json: { type: 'interrupt' } },
        { path: `${path}/fork`, json: {} },
        { path: `${path}/apply_patch`, json: {} },
        { path: `${path}/revert_patch`, json: { patch_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f08' } },
      ];
      for (const command of commands) {
        expectAnswer(await world.call({ method: 'POST', ...command }), { status: 409, code: 'SessionClosed' });
        // A request that does not fit the documents is refused for that first.
        const bad = await world.call({
          method: 'POST',
          ...command,
          json: { type: 'unknown', patch_id: 1, after_event_id: 'x' },
        });
        expectAnswer(bad, { status: 400, code: 'InvalidRequest', to: 'that does not fit, to a closed session' });
      }
      const history = await world.call({ path: `${path}/history?limit=1000` });
      expectAnswer(history, { status: 200 });
      const last = field(history.json, 'items', lengthOf(history) - 1);
      expectThat(field(last, 'payload', 'type') === 'session_closed', history, {
        expected: 'session_closed as the last event',
        got: show(field(last, 'payload', 'type')),
      });
      const probe = await world.call({ path: `${path}/events` });
      expectAnswer(probe, { status: 426 });
    },
  },
  {
    id: 'rest/purge',
    level: 'core',
    title: 'A session that is purged is gone, with its history.',
    source: 'openapi.yaml#/paths/~1api~1sessions~1{session_id}/delete/parameters/0',
    async run(world) {
      const { path, session_id } = await world.createSession();
      const kept = await world.call({ method: 'DELETE', path: `${path}?purge=false` });
      expectAnswer(kept, { status: 204 });
      expectAnswer(await world.call({ path: `${path}/history` }), {
        status: 200,
        to: 'for the history of a closed session',
      });
      expectAnswer(await world.call({ method: 'DELETE', path: `${path}?purge=true` }), { status: 204 });
      for (const below of ['', '/history', '/patch', '/events']) {
        expectAnswer(await world.call({ path: `${path}${below}` }), { status: 404, code: 'SessionNotFound' });
      }
      expectAnswer(await world.call({ method: 'DELETE', path }), { status: 404, code: 'SessionNotFound' });
      const list = await world.call({ path: '/api/sessions?limit=100' });
      expectThat(!list.text.includes(session_id), list, { expected: 'a list without it', got: session_id });
    },
  },
];

function lengthOf({ json }: Exchange): number {
  const items = field(json, 'items');
  return Array.isArray(items) ? items.length : 0;
}
