import type { Report } from '../report.js';
import { nameOf } from '../rule.js';
import type { Failure, Outcome } from '../run/outcome.js';
import { escapeXml } from './escape-xml.js';

/** A report as JUnit XML for CI systems. A rule is a test case; one that was not exercised is skipped. */
export function toJunit(report: Report): string {
  const suites = [...new Set(report.outcomes.map(suiteOf))];
  const { passed, failed, notExercised } = report.verdict;
  const counts = `tests="${passed + failed + notExercised}" failures="${failed}" skipped="${notExercised}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="parley verify" ${counts} time="${seconds(report.duration)}">`,
    ...suites.map((suite) => toSuite(suite, report)),
    '</testsuites>',
    '',
  ].join('\n');
}

function toSuite(suite: string, { outcomes, startedAt }: Report): string {
  const own = outcomes.filter((outcome) => suiteOf(outcome) === suite);
  const count = (status: Outcome['status']) => own.filter((outcome) => outcome.status === status).length;
  const counts = `tests="${own.length}" failures="${count('failed')}" skipped="${count('not_exercised')}"`;
  const timestamp = new Date(startedAt).toISOString();
  return [
    `  <testsuite name="parley ${suite}" ${counts} timestamp="${timestamp}">`,
    ...own.map(toCase),
    '  </testsuite>',
  ].join('\n');
}

function toCase({ rule, status, failures, reason = '', duration }: Outcome): string {
  const open = `    <testcase classname="${escapeXml(rule.id)}" name="${escapeXml(`${nameOf(rule)}: ${rule.title}`)}" time="${seconds(duration)}"`;
  if (status === 'passed') return `${open}/>`;
  const inside = status === 'failed' ? failures.map(toFailure) : [`      <skipped message="${escapeXml(reason)}"/>`];
  return [`${open}>`, ...inside, '    </testcase>'].join('\n');
}

function toFailure({ line, expected, got, sent, received, repeat }: Failure): string {
  const parts = { says: line, sent, received, repeat };
  const text = Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [] : [`${name}:\n${part}`]));
  const message = escapeXml(`expected ${expected}, got ${got}`);
  return `      <failure message="${message}">${escapeXml(text.join('\n\n'))}</failure>`;
}

function suiteOf({ rule }: Outcome): string {
  return rule.id.split('/', 1)[0] ?? '';
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
