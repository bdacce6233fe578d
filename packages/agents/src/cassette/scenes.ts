import { type Raw, readObject, readText } from '../map/read.js';
import type { CassetteExit } from './cassette.js';
import type { NumberedEntry } from './parse-cassette.js';

/** One request of the client and everything that followed from it, in the order of the tape. */
export interface Scene {
  /** The line of the request. */
  readonly line: number;
  readonly method: string;
  readonly params: Raw;
  readonly steps: readonly Step[];
}

/** One line of the tape inside a scene, `delayMs` after the line before. */
export type Step = { readonly line: number; readonly delayMs: number } & StepKind;

type StepKind =
  /** The agent sends a notification. */
  | { readonly kind: 'say'; readonly message: Raw }
  /** The agent writes a line that is no message. */
  | { readonly kind: 'print'; readonly text: string }
  /** The agent sends a request. `ask` is its id, which the client's answer has too. */
  | { readonly kind: 'ask'; readonly ask: string; readonly message: Raw }
  | { readonly kind: 'answered'; readonly ask: string; readonly message: Raw }
  /** The client cancels the turn. */
  | { readonly kind: 'cancelled' }
  /** The agent answers the request of the scene. */
  | { readonly kind: 'answer'; readonly message: Raw }
  /** The agent ends before it has answered. */
  | { readonly kind: 'exit'; readonly exit: CassetteExit };

const OPENINGS = ['session/new', 'session/load', 'session/resume'];

/** Whether a request opens a conversation in this process. */
export function isOpening(method: string): boolean {
  return OPENINGS.includes(method);
}

/**
 * Cuts a tape into scenes. A message of a conversation belongs to the last prompt of that conversation, or to its opening.
 * A message without a conversation belongs to the latest prompt or opening, or to the first request of the client.
 */
export function readScenes(entries: readonly NumberedEntry[]): Scene[] {
  const scenes: (Scene & { readonly steps: Step[] })[] = [];
  const open = new Map<string, (typeof scenes)[number]>();
  const asked = new Map<string, (typeof scenes)[number]>();
  const ofSession = new Map<unknown, (typeof scenes)[number]>();
  let latest: (typeof scenes)[number] | undefined;
  let before = 0;

  for (const { line, entry } of entries) {
    const at = { line, delayMs: Math.max(0, entry.t - before) };
    before = entry.t;
    if ('exit' in entry) {
      [...open.values()].at(-1)?.steps.push({ ...at, kind: 'exit', exit: entry.exit });
    } else if ('text' in entry) {
      if (entry.from === 'agent') latest?.steps.push({ ...at, kind: 'print', text: entry.text });
    } else if ('message' in entry) {
      const { message, from } = entry;
      const key = message.id === undefined ? undefined : JSON.stringify(message.id);
      const params = readObject(message.params) ?? {};
      const method = readText(message.method);
      const place = ofSession.get(params.sessionId) ?? latest;
      if (from === 'agent' && method !== undefined && key !== undefined) {
        place?.steps.push({ ...at, kind: 'ask', ask: key, message });
        if (place) asked.set(key, place);
      } else if (from === 'agent' && method !== undefined) {
        place?.steps.push({ ...at, kind: 'say', message });
      } else if (from === 'agent' && key !== undefined) {
        const scene = open.get(key);
        open.delete(key);
        scene?.steps.push({ ...at, kind: 'answer', message });
        const sessionId = readObject(message.result)?.sessionId;
        if (scene && isOpening(scene.method) && sessionId !== undefined) ofSession.set(sessionId, scene);
      } else if (method !== undefined && key !== undefined) {
        const scene = { line, method, params, steps: [] };
        scenes.push(scene);
        open.set(key, scene);
        if (isOpening(method) || method === 'session/prompt') {
          latest = scene;
          if (params.sessionId !== undefined) ofSession.set(params.sessionId, scene);
        }
        latest ??= scene;
      } else if (method === 'session/cancel') {
        place?.steps.push({ ...at, kind: 'cancelled' });
      } else if (method === undefined && key !== undefined) {
        asked.get(key)?.steps.push({ ...at, kind: 'answered', ask: key, message });
      }
    }
  }
  return scenes;
}
