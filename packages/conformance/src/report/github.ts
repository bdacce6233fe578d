import type { Report } from '../report.js';
import { nameOf } from '../rule.js';
import type { Outcome } from '../run/outcome.js';
import { COVERAGE_KINDS } from '../world/coverage.js';
import { KIND_TITLES } from './coverage-summary.js';
import { sentenceOf } from './sentence.js';

/** GitHub's workflow commands: an error for each broken rule, a warning for each that was not exercised. */
export function toAnnotations({ outcomes }: Report): string {
  const lines = outcomes.flatMap(({ rule, status, failures, reason = '' }) => {
    if (status === 'passed') return [];
    if (status === 'not_exercised') return [command('warning', nameOf(rule), `Not exercised: ${reason}`)];
    return failures.map(({ expected, got, line, repeat }) => {
      const text = [rule.title, `expected ${expected}, got ${got}`, `says ${line}`, repeat ?? ''];
      return command('error', nameOf(rule), text.filter((part) => part !== '').join('\n'));
    });
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** A report as Markdown, for the job summary file that `$GITHUB_STEP_SUMMARY` names. */
export function toMarkdown(report: Report): string {
  const failed = report.outcomes.filter(({ status }) => status === 'failed');
  const untried = report.outcomes.filter(({ status }) => status === 'not_exercised');
  return [
    `## ${report.verdict.exitCode === 0 ? '✅' : '❌'} parley verify`,
    code(sentenceOf(report)),
    ...failed.map(toSection),
    ...(untried.length === 0 ? [] : [list('Not exercised', untried)]),
    ...(report.coverage.length === 0 ? [] : [toTable(report)]),
    '',
  ].join('\n\n');
}

function toSection({ rule, failures }: Outcome): string {
  const shown = failures.map(({ line, expected, got, received, repeat }) => {
    const block = [...(repeat === undefined ? [] : [`$ ${repeat}`]), ...(received === undefined ? [] : [received])];
    const shown = block.length === 0 ? [] : [fence(block.join('\n'))];
    return [`expected ${code(expected)}, got ${code(got)} (${line})`, '', ...shown].join('\n');
  });
  return [`### ${code(nameOf(rule))}`, rule.title, ...shown].join('\n\n');
}

function list(title: string, outcomes: readonly Outcome[]): string {
  return [
    `### ${title}`,
    '',
    ...outcomes.map(({ rule, reason = '' }) => `- ${code(nameOf(rule))}: ${code(reason)}`),
  ].join('\n');
}

function toTable({ coverage }: Report): string {
  const rows = COVERAGE_KINDS.map((kind) => {
    const all = coverage.filter((covered) => covered.kind === kind);
    return `| ${KIND_TITLES[kind]} | ${all.filter(({ count }) => count > 0).length} | ${all.length} |`;
  });
  return ['| covered | met | of |', '| --- | ---: | ---: |', ...rows].join('\n');
}

/** A text as code, in which Markdown and HTML mean nothing. Its delimiter is longer than what the text has of it. */
function code(text: string): string {
  const ticks = longerThan(text, 1);
  return `${ticks} ${text.replaceAll('\n', ' ')} ${ticks}`;
}

function fence(text: string): string {
  const ticks = longerThan(text, 3);
  return `${ticks}text\n${text}\n${ticks}`;
}

function longerThan(text: string, least: number): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(Math.max(least, longest + 1));
}

function command(kind: 'error' | 'warning', title: string, message: string): string {
  return `::${kind} title=${escapeProperty(title)}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
