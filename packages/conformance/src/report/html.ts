import { locate } from '../documents/locate.js';
import type { Report } from '../report.js';
import { nameOf } from '../rule.js';
import type { Failure, Outcome } from '../run/outcome.js';
import { COVERAGE_KINDS, type CoverageKind } from '../world/coverage.js';
import { KIND_TITLES } from './coverage-summary.js';
import { escapeXml } from './escape-xml.js';
import { htmlStyle } from './html-style.js';
import { sentenceOf } from './sentence.js';

const MARKS = { passed: 'passed', failed: 'failed', not_exercised: 'not exercised' } as const;

/** A report as one HTML page that loads nothing: no script, no font, no picture. */
export function toHtml(report: Report): string {
  const { verdict, outcomes, notes, url } = report;
  const failed = outcomes.filter(({ status }) => status === 'failed');
  const untried = outcomes.filter(({ status }) => status === 'not_exercised');
  const state = verdict.exitCode === 0 ? 'passed' : verdict.exitCode === 1 ? 'failed' : 'not_exercised';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(`${headline(report)}: ${url}`)}</title>
<style>${htmlStyle}</style>
</head>
<body>
<header class="${state}">
<h1>${headline(report)}</h1>
<p>${escapeXml(sentenceOf(report))}</p>
<p class="facts">Contract ${escapeXml(report.contract)}, ${report.kind === 'client' ? 'for clients' : `asked for level ${verdict.asked}`}, ${new Date(report.startedAt).toISOString()}</p>
</header>
<main>
<ul class="counts">
<li class="passed"><b>${verdict.passed}</b> passed</li>
<li class="failed"><b>${verdict.failed}</b> failed</li>
<li class="not_exercised"><b>${verdict.notExercised}</b> not exercised</li>
</ul>
${section('Broken', failed.map(showFailed))}
${section('Not exercised', untried.length === 0 ? [] : [showUntried(untried)])}
${section('Ignored by a tolerant reader', notes.length === 0 ? [] : [showNotes(report)])}
${section('Covered', report.coverage.length === 0 ? [] : COVERAGE_KINDS.map((kind) => showCoverage(kind, report)))}
${section('Every rule', [showRules(outcomes)])}
</main>
</body>
</html>
`;
}

function headline({ kind, partial, verdict: { reached, asked, exitCode } }: Report): string {
  if (partial) return exitCode === 0 ? 'Some rules: all passed' : 'Some rules: not all passed';
  if (kind === 'client') return reached === null ? 'Does not follow the contract' : 'Follows the contract';
  if (reached === null) return 'No level reached';
  return `Level ${reached}${reached === asked ? '' : `, not ${asked}`}`;
}

function section(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `<section>\n<h2>${title}</h2>\n${parts.join('\n')}\n</section>`;
}

function showFailed({ rule, failures }: Outcome): string {
  const shown = failures.map((failure) => showFailure(failure)).join('\n');
  return `<article>\n<h3><code>${escapeXml(nameOf(rule))}</code></h3>\n<p>${escapeXml(rule.title)}</p>\n${shown}\n</article>`;
}

function showFailure({ line, expected, got, sent, received, repeat }: Failure): string {
  const blocks = { sent, received, 'to repeat': repeat };
  const shown = Object.entries(blocks).flatMap(([name, text]) =>
    text === undefined ? [] : [`<dt>${name}</dt><dd><pre>${escapeXml(text)}</pre></dd>`],
  );
  return `<dl>
<dt>expected</dt><dd>${escapeXml(expected)}</dd>
<dt>got</dt><dd><strong>${escapeXml(got)}</strong></dd>
<dt>says</dt><dd><code>${escapeXml(line)}</code></dd>
${shown.join('\n')}
</dl>`;
}

function showUntried(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(
    ({ rule, reason = '' }) => `<tr><td><code>${escapeXml(nameOf(rule))}</code></td><td>${escapeXml(reason)}</td></tr>`,
  );
  return table(['rule', 'what is missing'], rows);
}

function showNotes({ notes }: Report): string {
  const rows = notes.map(({ where, line, expected, got }) => {
    const cells = [where, line, expected, got].map((text) => `<td>${escapeXml(text)}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  return table(['where', 'says', 'expected', 'got'], rows);
}

function showCoverage(kind: CoverageKind, { coverage }: Report): string {
  const all = coverage.filter((covered) => covered.kind === kind);
  const met = all.filter(({ count }) => count > 0).length;
  const title = `${KIND_TITLES[kind]}: ${met} of ${all.length}`;
  const rows = kind === 'answer' ? answerRows(all) : [];
  const cells = all.map(({ name, count }) => `<li class="${count > 0 ? 'met' : 'missed'}">${escapeXml(name)}</li>`);
  const inside =
    rows.length > 0 ? table(['operation', 'statuses'], rows) : `<ul class="covered">${cells.join('')}</ul>`;
  return `<details><summary>${title}</summary>${inside}</details>`;
}

function answerRows(all: Report['coverage']): string[] {
  const operations = [...new Set(all.map(({ name }) => name.split(' ')[0] ?? ''))];
  return operations.map((operation) => {
    const statuses = all
      .filter(({ name }) => name.startsWith(`${operation} `))
      .map(({ name, count }) => `<li class="${count > 0 ? 'met' : 'missed'}">${name.split(' ')[1]}</li>`);
    return `<tr><td><code>${escapeXml(operation)}</code></td><td><ul class="covered">${statuses.join('')}</ul></td></tr>`;
  });
}

function showRules(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ rule, status, duration }) => {
    const name = `<td><code>${escapeXml(nameOf(rule))}</code><br>${escapeXml(rule.title)}</td>`;
    const place = `<td><code>${escapeXml(locate(rule.source))}</code></td>`;
    return `<tr class="${status}"><td>${MARKS[status]}</td>${name}<td>${rule.level}</td>${place}<td>${duration} ms</td></tr>`;
  });
  const head = ['', 'rule', 'level', 'says', 'took'];
  return `<details><summary>${outcomes.length} rules</summary>${table(head, rows)}</details>`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  const cells = head.map((name) => `<th scope="col">${name}</th>`).join('');
  return `<div class="wide"><table><thead><tr>${cells}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}
