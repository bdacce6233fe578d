import type { LogEntry } from '../src/log/event-log.js';

/** One life of a session: from its first event until it is purged. */
export interface SessionModel {
  readonly life: number;
  /** The frames of all events that were ever appended; event 1 is the first. */
  readonly frames: string[];
  /** The last ids of the appends. */
  readonly ends: number[];
  earliest: number;
  base: string | undefined;
}

/** A simple log in memory. The real one must behave in the same way. */
export interface LogModel {
  /** The sessions that there are, oldest first. */
  sessions(): string[];
  find(session: string): SessionModel;
  /** The life that an event's frame belongs to, also one that was purged. */
  lifeOf(frame: string): SessionModel | undefined;
  /** Events that were never written. */
  fresh(session: string, after: number, count: number, length?: number): LogEntry[];
  /** Events that are there. */
  stored(session: string, after: number, count: number): LogEntry[];
  append(session: string, entries: readonly LogEntry[]): void;
  trim(session: string, before: number, base: string): void;
  purge(session: string): void;
}

/** Creates the model of an empty log. */
export function createLogModel(): LogModel {
  const sessions = new Map<string, SessionModel>();
  const lives = new Map<string, SessionModel>();
  let births = 0;
  let made = 0;

  const newborn = (life: number): SessionModel => ({ life, frames: [], ends: [], earliest: 1, base: undefined });
  const find = (session: string) => sessions.get(session) ?? newborn(births + 1);

  return {
    sessions: () => [...sessions.keys()],
    find,
    lifeOf: (frame) => lives.get(frame.split(' ', 1).join()),

    fresh(session, after, count, length = 1) {
      const { life } = find(session);
      return Array.from({ length: count }, (_, index) => {
        made += 1;
        return {
          id: after + 1 + index,
          frame: `${session}${life} ${after + 1 + index} ${made} ${'序'.repeat(length)}`,
        };
      });
    },

    stored(session, after, count) {
      const frames = find(session).frames.slice(after, after + count);
      return frames.map((frame, index) => ({ id: after + 1 + index, frame }));
    },

    append(session, entries) {
      const model = find(session);
      if (!sessions.has(session)) {
        births += 1;
        sessions.set(session, model);
        lives.set(`${session}${model.life}`, model);
      }
      model.frames.push(...entries.map(({ frame }) => frame));
      model.ends.push(model.frames.length);
    },

    trim(session, before, base) {
      const model = sessions.get(session);
      if (model === undefined || before <= model.earliest) return;
      model.earliest = Math.min(before, model.frames.length + 1);
      model.base = base;
    },

    purge: (session) => void sessions.delete(session),
  };
}
