import { parseJson } from '../documents/json.js';
import type { Source } from '../documents/locate.js';
import type { Judgement, SchemaPlace } from '../documents/validators.js';
import { judgeValue } from '../documents/validators.js';

/** A frame that a server sends, by its `type`. */
export const FRAME_SCHEMAS: Readonly<Record<string, SchemaPlace>> = {
  connection_ack: { document: 'asyncapi.yaml', pointer: '/components/schemas/ConnectionAckFrame' },
  event: { document: 'openapi.yaml', pointer: '/components/schemas/EventFrame' },
  heartbeat: { document: 'asyncapi.yaml', pointer: '/components/schemas/ServerHeartbeatFrame' },
  error: { document: 'asyncapi.yaml', pointer: '/components/schemas/ErrorFrame' },
};

/** The place of the contract that lists all of them. */
export const ANY_FRAME = 'asyncapi.yaml#/operations/sendToClient';

/** Something in a frame of the server that the documents do not describe. */
export interface FrameFinding {
  /** The `type` of the frame; empty if the contract has no such type. */
  readonly type: string;
  readonly fit: Exclude<Judgement['fit'], 'fits'>;
  /** The place of its schema in the contract. */
  readonly source: Source;
  readonly expected: string;
  readonly got: string;
  readonly text: string;
}

/** What the sockets of a run have received. */
export interface FrameLog {
  /** What was wrong, in order. Of several findings that are alike, the first is kept. */
  readonly findings: readonly FrameFinding[];
  /** How many frames there were of each type. Frames of no known type are counted under ''. */
  readonly frames: ReadonlyMap<string, number>;
  /** Judges a message and returns it as a frame; undefined if it is not a frame of the contract. */
  take(data: string | undefined): Frame | undefined;
}

/** A frame of the server. Its payload may still break its schema. */
export interface Frame {
  readonly type: string;
  /** The id of an event; not a number in other frames. */
  readonly id: number;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The message as it was received. */
  readonly text: string;
}

/** Creates a log that judges frames as they come and keeps what was wrong. */
export function createFrameLog(): FrameLog {
  const findings: FrameFinding[] = [];
  const frames = new Map<string, number>();
  const seen = new Set<string>();
  const count = (type: string) => frames.set(type, (frames.get(type) ?? 0) + 1);
  const find = (finding: FrameFinding) => {
    const key = [finding.type, finding.fit, finding.expected].join();
    if (!seen.has(key)) findings.push(finding);
    seen.add(key);
  };
  return {
    findings,
    frames,
    take(data) {
      const json = data === undefined ? undefined : parseJson(data);
      const value: { type?: unknown; id?: unknown; payload?: unknown } = Object(json);
      const type = String(value.type);
      const place = Object.hasOwn(FRAME_SCHEMAS, type) ? FRAME_SCHEMAS[type] : undefined;
      count(place === undefined ? '' : type);
      if (data === undefined || place === undefined) {
        const expected = `a text frame of ${Object.keys(FRAME_SCHEMAS).join(', ')}`;
        const fit = typeof value.type === 'string' ? 'unknown' : 'broken';
        find({ type: '', fit, source: ANY_FRAME, expected, got: data ?? 'a binary frame', text: data ?? '' });
        return undefined;
      }
      const { fit, problems } = judgeValue(place, value);
      const source: Source = `${place.document}#${place.pointer}`;
      if (fit !== 'fits') {
        for (const { place: where, message, value: got } of problems) {
          find({ type, fit, source, expected: `${where || '/'} ${message}`, got: show(got), text: data });
        }
      }
      return { type, id: Number(value.id), payload: Object(value.payload), text: data };
    },
  };
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 300);
}
