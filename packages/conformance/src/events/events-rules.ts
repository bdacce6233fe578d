import type { Rule } from '../rule.js';
import { admissionRules } from './admission-rules.js';
import { badFrameRules } from './bad-frame-rules.js';
import { closeRules } from './close-rules.js';
import { deliveryRules } from './delivery-rules.js';
import { durabilityRules } from './durability-rules.js';
import { frameRules } from './frame-rules.js';
import { handshakeRules } from './handshake-rules.js';
import { livenessRules } from './liveness-rules.js';
import { submissionRules } from './submission-rules.js';
import { turnRules } from './turn-rules.js';

/** The rules of the WebSocket: asyncapi.yaml and PROTOCOL.md. */
export const EVENTS_RULES: readonly Rule[] = [
  // First, because they take longest.
  ...livenessRules,
  ...handshakeRules,
  ...admissionRules,
  ...deliveryRules,
  ...submissionRules,
  ...turnRules,
  ...badFrameRules,
  ...closeRules,
  ...durabilityRules,
  ...frameRules,
];
