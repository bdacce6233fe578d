import type { ConnectionAck, Event, Session } from '@parleyhq/contract';

export const SESSION = '550e8400-e29b-41d4-a716-446655440000';
export const TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';
export const ITEM = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f02';
const CONNECTION = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f10';
export const NOW = 1642694400000;

/** An event that says a number, so that order is easy to see. */
export function notice(text: string | number): Event {
  return { type: 'notice', level: 'info', code: 'test', message: String(text) };
}

/** The first event of every session. */
export function created(): Event {
  return {
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
  };
}

/** The session as the peer describes it. */
export function describe(host: string): Session {
  return {
    session_id: SESSION,
    ws_url: `ws://${host}/api/sessions/${SESSION}/events`,
    http_url: `http://${host}/api/sessions/${SESSION}`,
    cwd: '/path/to/project',
    agent: 'demo',
    model: null,
    oss: false,
    web_search: false,
    config_profile: null,
    workspace: 'direct',
    approval_policy: 'ask',
    approval_rules: [],
    approval_timeout: 600_000,
    budget: null,
    title: null,
    metadata: {},
    status: 'idle',
    turn_id: null,
    last_error: null,
    pending_approvals: [],
    pending_elicitations: [],
    queued_turns: [],
    patch: null,
    modes: null,
    commands: [],
    config_options: [],
    usage: null,
    latest_event_id: 1,
    created_at: NOW,
    updated_at: NOW,
    closed_at: null,
  };
}

/** What a connection begins with, where the log has so many events. */
export function acknowledge(latest: number): ConnectionAck {
  return {
    session_id: SESSION,
    connection_id: CONNECTION,
    server_time: NOW,
    latest_event_id: Math.max(1, latest),
    earliest_event_id: 1,
    heartbeat_interval_ms: 15_000,
    limits: { max_frame_bytes: 1_048_576, max_bad_frames: 16, max_frames_per_second: 100 },
  };
}
