import { includesLevel, LEVELS, type Level } from './rule.js';
import type { Outcome } from './run/outcome.js';

/** The result of a whole run. */
export interface Verdict {
  /** The level that was asked for. */
  readonly asked: Level;
  /** The highest level of which all rules, and all rules of lower levels, passed; null if there is none. */
  readonly reached: Level | null;
  readonly passed: number;
  readonly failed: number;
  readonly notExercised: number;
  /** 0: every rule passed. 1: a rule was broken. 2: no rule was broken, but one was not exercised. */
  readonly exitCode: 0 | 1 | 2;
}

/** The verdict of a run. */
export function judgeRun(asked: Level, outcomes: readonly Outcome[]): Verdict {
  const count = (status: Outcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  const failed = count('failed');
  const notExercised = count('not_exercised');
  const passes = (level: Level) =>
    outcomes.every(({ rule, status }) => !includesLevel(level, rule.level) || status === 'passed');
  const tried = LEVELS.filter((level) => outcomes.some(({ rule }) => rule.level === level));
  const reached = tried.filter((level) => includesLevel(asked, level) && passes(level)).at(-1) ?? null;
  const exitCode = failed > 0 ? 1 : notExercised > 0 || outcomes.length === 0 ? 2 : 0;
  return { asked, reached, passed: count('passed'), failed, notExercised, exitCode };
}
