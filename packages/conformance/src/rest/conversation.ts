import { setTimeout as wait } from 'node:timers/promises';
import { BrokenRule } from '../broken-rule.js';
import { isObject, type JsonObject } from '../documents/json.js';
import type { Exchange } from '../wire/exchange.js';
import type { TestSession, World } from '../world/world.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

/** The payload of an event of the log. */
export type LoggedEvent = JsonObject & { readonly type: string };

/** A conversation with the agent of one session, only over REST. */
export interface Conversation extends TestSession {
  /** Submits a message and returns the id of the turn that it starts or queues. */
  say(content: unknown): Promise<string>;
  /** Submits anything. */
  submit(submission: object, key?: string): Promise<Exchange>;
  /** Calls an operation below the session's path. */
  call(method: 'GET' | 'POST', below: string, json?: object, key?: string): Promise<Exchange>;
  /** The events of the log so far. */
  events(): Promise<LoggedEvent[]>;
  /**
   * The first event of this type with these fields, of those in the log or coming within `world.patience`.
   *
   * @throws BrokenRule if it does not come.
   */
  waitFor(type: string, fields?: Readonly<Record<string, unknown>>): Promise<LoggedEvent>;
  /** Gets the session. */
  getSession(): Promise<Exchange>;
}

/** Milliseconds between two reads of the log. */
const POLL_INTERVAL = 30;

/** Begins a conversation in a new session. */
export async function startConversation(
  world: World,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Conversation> {
  const session = await world.createSession(settings);
  const log: { id: number; event: LoggedEvent }[] = [];
  let last: Exchange | undefined;

  const call: Conversation['call'] = (method, below, json, key) =>
    world.call({
      method,
      path: `${session.path}${below}`,
      ...(json === undefined ? {} : { json }),
      ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
    });

  const readOn = async () => {
    last = await call('GET', `/history?after=${log.at(-1)?.id ?? 0}&limit=1000`);
    expectAnswer(last, { status: 200 });
    const items = field(last.json, 'items');
    for (const item of Array.isArray(items) ? items : [])
      log.push({ id: Number(item?.id), event: Object(item?.payload) });
  };
  const submit: Conversation['submit'] = (submission, key) => call('POST', '/submit', submission, key);

  return {
    ...session,
    call,
    submit,
    getSession: () => call('GET', ''),

    async say(content) {
      const answer = await submit({ type: 'user_message', content });
      expectAnswer(answer, { status: 200, to: 'with a message' });
      const turnId = field(answer.json, 'turn_id');
      if (typeof turnId === 'string') return turnId;
      throw new BrokenRule({ expected: 'the turn_id of the message', got: 'none', exchange: answer });
    },

    async events() {
      await readOn();
      return log.map(({ event }) => event);
    },

    async waitFor(type, fields = {}) {
      const until = performance.now() + world.patience;
      for (;;) {
        const found = log.find(({ event }) => event.type === type && has(event, fields));
        if (found !== undefined) return found.event;
        const late = performance.now() > until;
        if (late) {
          const expected = `an event ${type}${Object.keys(fields).length > 0 ? ` with ${JSON.stringify(fields)}` : ''}`;
          const got = `none within ${world.patience / 1000} s, but ${log.map(({ event }) => event.type).join(', ')}`;
          throw new BrokenRule({ expected, got, ...(last === undefined ? {} : { exchange: last }) });
        }
        if (log.length > 0) await wait(POLL_INTERVAL, undefined, { signal: world.signal });
        await readOn();
      }
    },
  };
}

/** The object in this field of an event; empty if there is none. */
export function part(event: LoggedEvent, name: string): JsonObject {
  const value = event[name];
  return isObject(value) ? value : {};
}

function has(event: LoggedEvent, fields: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(fields).every(([name, value]) => event[name] === value);
}
