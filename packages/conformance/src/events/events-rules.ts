import type { Rule } from '../rule.js';

/** The rules of the WebSocket: asyncapi.yaml and PROTOCOL.md. */
export const EVENTS_RULES: readonly Rule[] = [];
