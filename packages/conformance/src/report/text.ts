import type { Report } from '../report.js';
import { nameOf } from '../rule.js';
import type { Failure, Outcome } from '../run/outcome.js';
import { summariseCoverage } from './coverage-summary.js';
import { sentenceOf } from './sentence.js';

/** A report as plain text: what failed, what could not be tried, what was covered, and the verdict last. */
export function toText(report: Report): string {
  const failed = report.outcomes.filter(({ status }) => status === 'failed');
  const untried = report.outcomes.filter(({ status }) => status === 'not_exercised');
  return [
    ...failed.map(showFailed),
    ...(untried.length === 0 ? [] : [showUntried(untried)]),
    ...(report.notes.length === 0 ? [] : [showNotes(report)]),
    // The coverage of only some rules says nothing. Runs of clients have no coverage.
    ...(report.partial || report.coverage.length === 0 ? [] : [summariseCoverage(report.coverage)]),
    sentenceOf(report),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function showFailed({ rule, failures }: Outcome): string {
  const shown = failures.map((failure) => showFailure(failure));
  return [`✗ ${nameOf(rule)}: ${rule.title}`, ...shown].join('\n\n');
}

function showFailure({ line, expected, got, sent, received, repeat }: Failure): string {
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['expected', expected],
    ['got', got],
    ['says', line],
    ['sent', sent],
    ['received', received],
    ['repeat', repeat],
  ];
  return parts
    .flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(9)} ${indent(text)}`]))
    .join('\n');
}

function indent(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(12)}`);
}

function showUntried(outcomes: readonly Outcome[]): string {
  const reasons = new Set(outcomes.map(({ reason }) => reason ?? ''));
  const lines = [...reasons].map((reason) => {
    const names = outcomes.filter((outcome) => outcome.reason === reason).map(({ rule }) => nameOf(rule));
    return `  ${reason}: ${names.join(', ')}`;
  });
  return ['Not exercised:', ...lines].join('\n');
}

function showNotes({ notes }: Report): string {
  const lines = notes.map(({ line, where, expected, got }) => `  ${where} (${line}): ${expected}; got ${got}`);
  return ['Not in the documents, and ignored by a tolerant reader:', ...lines].join('\n');
}
