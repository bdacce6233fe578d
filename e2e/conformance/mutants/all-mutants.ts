import { accessMutants } from './access-words.js';
import { answerMutants } from './answers.js';
import { conversationMutants } from './conversations.js';
import { deliveryMutants } from './deliveries.js';
import { errorMutants, errorShapeMutants } from './errors.js';
import { eventMutants, frameMutants } from './frames.js';
import { handshakeMutants } from './handshakes.js';
import { keyPromiseMutants } from './key-promises.js';
import { logPromiseMutants } from './log-promises.js';
import type { Mutant } from './mutant.js';
import { patchPromiseMutants } from './patch-promises.js';
import { sessionMutants } from './session-words.js';
import { trafficMutants } from './traffic-words.js';
import { turnPromiseMutants } from './turn-promises.js';

/** Mutants that are derived from the documents. Some change things that a server never sends. */
const DERIVED = {
  'answers of success: each field, status and header': answerMutants,
  'error codes of each operation': errorMutants,
  'errors: each field': errorShapeMutants,
  'frames: each field': frameMutants,
  'events: each field of each variant': eventMutants,
} as const;

/** Every mutant, by topic. */
export const GROUPS: Readonly<Record<string, readonly Mutant[]>> = {
  ...DERIVED,
  'promises over REST': [...logPromiseMutants, ...keyPromiseMutants, ...turnPromiseMutants, ...patchPromiseMutants],
  'promises on the socket': [...deliveryMutants, ...conversationMutants],
  'what is said in words': [...accessMutants, ...sessionMutants, ...handshakeMutants, ...trafficMutants],
};

/** Every mutant. */
export const allMutants: readonly Mutant[] = Object.values(GROUPS).flat();

/** Whether a mutant was derived, not written for the rule that it names. */
export function isDerived(mutant: Mutant): boolean {
  return derived.has(mutant);
}

const derived = new Set<Mutant>(Object.values(DERIVED).flat());
