import type { Random } from '../shared/random.js';
import { cutsPerSecond, turnsAtOnce, turnsPerSecond } from './form.js';
import type { Talk } from './talk.js';

/** Counts of what was done so far. */
export interface Load {
  readonly started: number;
  readonly cuts: number;
  stop(): void;
}

/** A plan, a long answer, and now and then a file to write, which asks for consent. */
const PROMPTS = [
  '/plan',
  '/plan',
  '/plan',
  '/plan',
  '/plan',
  '/plan',
  '/plan',
  '/long',
  '请帮我实现一个排序函数',
  'Sort!',
];

/** Starts turns and cuts sockets at a steady pace, until it is stopped. Each session has its turn before any has a second one. */
export function startLoad(talks: readonly Talk[], random: Random): Load {
  let started = 0;
  let cuts = 0;
  let next = 0;
  const say = () => {
    const talk = talks[next % talks.length];
    if (talk === undefined || talk.isBusy || talks.reduce((sum, { isBusy }) => sum + Number(isBusy), 0) >= turnsAtOnce)
      return;
    next += 1;
    started += 1;
    talk.say(PROMPTS[random.integer(0, PROMPTS.length - 1)] ?? '/plan');
  };
  const cut = () => {
    const talk = talks[random.integer(0, talks.length - 1)];
    // The first socket sends the application's messages, so it is never cut.
    if (talk?.readers[random.integer(1, talk.readers.length - 1)]?.cut()) cuts += 1;
  };
  const timers = [setInterval(say, 1_000 / turnsPerSecond), setInterval(cut, 1_000 / cutsPerSecond)];
  return {
    get started() {
      return started;
    },
    get cuts() {
      return cuts;
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
