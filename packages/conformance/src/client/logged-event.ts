import type { Random } from '../world/random.js';

/** An event of the scripted log. */
export interface LoggedEvent {
  readonly payload: { readonly type: string } & Readonly<Record<string, unknown>>;
  /** Whether a client has to pass it on as unknown. */
  readonly unknown?: boolean;
  /** The part of the payload that the contract knows. Default: the whole payload. */
  readonly known?: Readonly<Record<string, unknown>>;
}

/** The id of the session in every scenario. */
export const SESSION = '550e8400-e29b-41d4-a716-446655440000';

const WORDS = ['sorted', 'patch', '排序函数', 'naïve', '👩‍💻 🎉', '\u2028', '"quoted\\', '<b>&amp;', ' ', 'مرحبا'];

/** The first event of every log. */
const CREATED: LoggedEvent = {
  payload: {
    type: 'session_created',
    session_id: SESSION,
    account: 'owner',
    cwd: '/path/to/project',
    agent: 'demo',
    model: null,
    oss: false,
    web_search: false,
    config_profile: null,
    workspace: 'direct',
    approval_policy: 'ask',
    approval_timeout: 600_000,
    title: null,
    metadata: {},
  },
};

const CLOSED: LoggedEvent = { payload: { type: 'session_closed', reason: 'requested' } };

/** A log with `count` events between its first and its last one. */
export function createLog(random: Random, count: number): LoggedEvent[] {
  const between = Array.from({ length: count }, (_, index) => createNotice(`${index} ${createText(random)}`));
  return [CREATED, ...between, CLOSED];
}

/** A log into which some events are put at random places. */
export function createLogWith(random: Random, events: readonly LoggedEvent[]): LoggedEvent[] {
  const log = createLog(random, 12);
  for (const event of events) log.splice(random.integer(1, log.length - 1), 0, event);
  return log;
}

/** A `notice` event with this message. */
export function createNotice(message: string): LoggedEvent {
  return { payload: { type: 'notice', level: 'info', code: 'scripted', message } };
}

/** Words in many scripts, so that a frame can be cut inside a character. */
function createText(random: Random): string {
  return Array.from({ length: random.integer(1, 12) }, () => random.pick(WORDS)).join(' ');
}
