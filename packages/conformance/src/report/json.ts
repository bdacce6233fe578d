import { locate } from '../documents/locate.js';
import type { Report } from '../report.js';

/** A report as JSON, for programs. It has everything that was found, each rule with its place in the contract. */
export function toJson(report: Report): string {
  const outcomes = report.outcomes.map(({ rule, ...outcome }) => {
    const { id, subject, level, title, source, promise } = rule;
    return { id, subject, level, title, source, line: locate(source), promise, ...outcome };
  });
  return `${JSON.stringify({ ...report, outcomes }, undefined, 2)}\n`;
}
