/** The seed of this run; vitest.config.ts chooses it and prints it. */
export const seed = Number(process.env.SOAK_SEED);

const isLong = process.env.SOAK_FORM === 'long';

/** Sessions at the same time: as many as a server allows by default. `SOAK_SESSIONS` is for trying things out. */
export const sessions = Number(process.env.SOAK_SESSIONS ?? 1_000);

/** Sockets of each session. */
export const socketsOfSession = 5;

/** How long turns are started, in milliseconds. `SOAK_SECONDS` is for trying things out. */
export const duration = Number(process.env.SOAK_SECONDS ?? (isLong ? 600 : 60)) * 1_000;

/** Turns started in a second, over all sessions: two cores carry both sides and have room left. */
export const turnsPerSecond = 20;

/** The most turns that run at the same time: on a machine that is busy the load waits, and does not pile up. */
export const turnsAtOnce = 300;

/** Between two pieces of an answer, in milliseconds: as fast as models write. */
export const paceMs = 100;

/** Sockets cut in a second, over all sessions; each comes back with its cursor. */
export const cutsPerSecond = 10;

/** Sessions whose whole history is compared with what their sockets got, byte for byte. */
export const comparedSessions = isLong ? 50 : 100;
