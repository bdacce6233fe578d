import { NotExercised } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import { expectClose } from './close-rules.js';
import { type EventSocket, openSocket } from './event-socket.js';
import type { Frame } from './frame-log.js';

/** A frame that does not fit the contract. */
interface BadFrame {
  readonly subject: string;
  readonly data: string | Buffer;
  /** Its id, if it has one that can be used. */
  readonly id?: string | undefined;
  /** A place that the `details` of the error must name. */
  readonly pointer?: string;
}

const good = { type: 'submission', id: 'bad', timestamp: 1642694400000, payload: { type: 'interrupt' } };
const BAD: readonly BadFrame[] = [
  { subject: 'empty', data: '' },
  { subject: 'no JSON', data: '{"type":' },
  { subject: 'null', data: 'null' },
  { subject: 'a list', data: '[]' },
  { subject: 'a text', data: '"submission"' },
  { subject: 'binary', data: Buffer.from(JSON.stringify(good)) },
  bad('an unknown type', { ...good, type: 'weather' }, '/frame/type'),
  bad("a type of the server's", { ...good, type: 'event' }, '/frame/type'),
  bad('no type', { ...good, type: undefined }, '/frame/type'),
  bad('no timestamp', { ...good, timestamp: undefined }, '/frame/timestamp'),
  bad('a timestamp that is a text', { ...good, timestamp: 'now' }, '/frame/timestamp'),
  bad('no payload', { ...good, payload: undefined }, '/frame/payload'),
  bad('a payload that is a text', { ...good, payload: 'interrupt' }, '/frame/payload'),
  bad('an unknown property', { ...good, mood: 'blue' }, '/frame/mood'),
  bad('an unknown property inside', { ...good, payload: { type: 'interrupt', mood: 'blue' } }, '/frame/payload/mood'),
  bad('an unknown submission', { ...good, payload: { type: 'weather' } }, '/frame/payload/type'),
  bad('a submission without content', { ...good, payload: { type: 'user_message' } }, '/frame/payload/content'),
  bad('an empty message', { ...good, payload: { type: 'user_message', content: '' } }, '/frame/payload/content'),
  { ...bad('no id', { ...good, id: undefined }, '/frame/id'), id: undefined },
  { ...bad('an empty id', { ...good, id: '' }, '/frame/id'), id: undefined },
  { ...bad('an id that is a number', { ...good, id: 7 }, '/frame/id'), id: undefined },
  { ...bad('an id that is too long', { ...good, id: 'x'.repeat(129) }, '/frame/id'), id: undefined },
];

/** The longest frame and the most frames that are sent to reach a limit. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_FRAMES = 2_000;

/** What a server does with frames that do not fit, and with too many frames. */
export const badFrameRules: readonly Rule[] = [
  ...BAD.map(badFrameRule),
  {
    id: 'events/bad-frames',
    level: 'core',
    title: 'Too many frames in a row that do not fit close the socket with 4400; a good one restarts the count.',
    source: 'PROTOCOL.md#| 4400 |',
    async run(world) {
      const socket = await openSocket(world, (await world.sharedSession()).path);
      const most = limit(socket, 'max_bad_frames', MAX_FRAMES);
      for (const _ of [1, 2]) {
        for (let count = 1; count < most; count += 1) socket.sendRaw('bad');
        await socket.heartbeat();
      }
      for (let count = 0; count < most; count += 1) socket.sendRaw('bad');
      await expectClose(socket, 4400);
    },
  },
  {
    id: 'events/long-frame',
    level: 'core',
    title: 'A frame of max_frame_bytes is read; a longer one closes the socket with 1009.',
    source: 'PROTOCOL.md#| 1009 |',
    async run(world) {
      const socket = await openSocket(world, (await world.sharedSession()).path);
      const most = limit(socket, 'max_frame_bytes', MAX_BYTES);
      socket.sendRaw('x'.repeat(most));
      await socket.waitForError(undefined);
      await socket.heartbeat();
      socket.sendRaw('x'.repeat(most + 1));
      await expectClose(socket, 1009);
    },
  },
  {
    id: 'events/invalid-utf8',
    level: 'core',
    title: 'A text frame that is not UTF-8 closes the socket with 1007.',
    source: 'PROTOCOL.md#| 1007 |',
    async run(world) {
      const socket = await openSocket(world, (await world.sharedSession()).path);
      socket.sendRaw(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
      await expectClose(socket, 1007);
    },
  },
  {
    id: 'events/fast-frames',
    level: 'core',
    title: 'Frames that come too fast get TooManyRequests, each with its id, and the socket stays open.',
    source: 'asyncapi.yaml#/components/schemas/Limits/properties/max_frames_per_second',
    async run(world) {
      const socket = await openSocket(world, (await world.sharedSession()).path);
      // More than two seconds of frames, so that it does not matter when the server's second begins.
      const count = 2 * limit(socket, 'max_frames_per_second', MAX_FRAMES) + 1;
      const ids = Array.from({ length: count }, () => socket.send('heartbeat', {}));
      const isAnswer = ({ payload }: Frame) => payload.in_reply_to !== undefined;
      await socket.wait(`answers to all ${count} heartbeats`, () => socket.frames.filter(isAnswer).length >= count);
      const answered = socket.frames.map(({ payload }) => payload.in_reply_to);
      const missing = ids.find((id) => !answered.includes(id));
      if (missing !== undefined) throw socket.broken({ expected: `an answer to frame ${missing}`, got: 'none' });
      const errors = socket.frames.filter(({ type }) => type === 'error').map(({ payload }) => payload.code);
      if (errors.length === 0 || errors.some((code) => code !== 'TooManyRequests')) {
        throw socket.broken({ expected: 'TooManyRequests for some of them', got: errors.join(', ') || 'no error' });
      }
      socket.cut();
    },
  },
];

function bad(subject: string, frame: object, pointer: string): BadFrame {
  return { subject, data: JSON.stringify(frame), pointer, id: 'bad' };
}

function badFrameRule({ subject, data, id, pointer }: BadFrame): Rule {
  return {
    id: 'events/bad-frame',
    subject,
    level: 'core',
    title:
      'A frame that does not fit gets an error frame, with in_reply_to if it had an id, and the socket stays open.',
    source: 'PROTOCOL.md#A frame that is binary, no JSON, of an unknown type',
    async run(world) {
      const socket = await openSocket(world, (await world.sharedSession()).path);
      socket.sendRaw(data, { binary: typeof data !== 'string' });
      const { payload } = await socket.waitForError(id);
      if (payload.code !== 'InvalidRequest') {
        throw socket.broken({ expected: 'an error InvalidRequest', got: `${payload.code}` });
      }
      const details = Array.isArray(payload.details) ? payload.details : [];
      const places = details.map((detail) => String(Object(detail).pointer));
      if (pointer !== undefined && !places.includes(pointer)) {
        throw socket.broken({ expected: `details that name ${pointer}`, got: places.join(', ') || 'none' });
      }
      await socket.heartbeat();
      socket.cut();
    },
  };
}

function limit(socket: EventSocket, name: string, most: number): number {
  const value = Number(Object(socket.ack.payload.limits)[name]);
  if (!(value >= 1)) throw socket.broken({ expected: `limits.${name} in the ack`, got: `${value}` });
  if (value > most) throw new NotExercised(`limits.${name} is ${value}, more than this kit tries`);
  return value;
}
