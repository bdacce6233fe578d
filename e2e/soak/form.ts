/** The seed of this run; vitest.config.ts chooses it and prints it. */
export const seed = Number(process.env.SOAK_SEED);

const isLong = process.env.SOAK_FORM === 'long';

/** Sessions at the same time: as many as a server allows by default. `SOAK_SESSIONS` is for trying things out. */
export const sessions = Number(process.env.SOAK_SESSIONS ?? 1_000);

/** Sockets of each session. */
export const socketsOfSession = 5;

/** How long turns are started, in milliseconds. `SOAK_SECONDS` is for trying things out. */
export const duration = Number(process.env.SOAK_SECONDS ?? (isLong ? 600 : 60)) * 1_000;

/** Turns started per second in all sessions. Two cores can run both sides at this rate. */
export const turnsPerSecond = 20;

/** The most turns at the same time: on a busy machine the load waits instead of growing. */
export const turnsAtOnce = 300;

/** Milliseconds between two pieces of an answer, about the speed of models. */
export const paceMs = 100;

/** Sockets cut per second in all sessions. Each connects again with its cursor. */
export const cutsPerSecond = 10;

/** Sessions whose whole history is compared with what their sockets got, byte for byte. */
export const comparedSessions = isLong ? 50 : 100;
