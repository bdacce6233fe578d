import { describe, expect, it } from 'vitest';
import type { Report } from '../report.js';
import type { Rule } from '../rule.js';
import { createCoverage } from '../world/coverage.js';
import { toAnnotations, toMarkdown } from './github.js';
import { toHtml } from './html.js';
import { toJson } from './json.js';
import { toJunit } from './junit.js';
import { toText } from './text.js';

const rule = (id: Rule['id'], subject?: string): Rule => ({
  id,
  ...(subject === undefined ? {} : { subject }),
  level: 'core',
  title: 'It <holds> & "stays".',
  source: 'openapi.yaml#/paths/~1api~1health/get',
  run: async () => undefined,
});

const failure = {
  line: 'openapi.yaml:12',
  expected: '400 <InvalidRequest>',
  got: '200 & ]]> 50%, "x"',
  sent: 'POST /api/sessions\n\n{"a":"</script>\u0001"}',
  received: '200\n\n```',
  repeat: `curl -i -X POST 'http://127.0.0.1/api/sessions' -H "Authorization: Bearer $PARLEY_TOKEN"`,
};

const coverage = createCoverage();
coverage.mark('answer', 'createSession 201');
const report: Report = {
  kind: 'server',
  url: 'http://127.0.0.1:8080',
  contract: '0.1.0',
  seed: 7,
  startedAt: 1_642_694_400_000,
  duration: 1_234,
  partial: false,
  verdict: { asked: 'full', reached: 'core', passed: 1, failed: 1, notExercised: 1, exitCode: 1 },
  outcomes: [
    { rule: rule('rest/health'), status: 'passed', failures: [], duration: 10 },
    { rule: rule('rest/invalid-body', 'submit'), status: 'failed', failures: [failure], duration: 20 },
    { rule: rule('events/restart'), status: 'not_exercised', failures: [], reason: 'it takes --restart', duration: 0 },
  ],
  notes: [{ line: 'openapi.yaml:9', where: 'getHealth 200', expected: 'no more', got: '<extra>' }],
  coverage: coverage.list(),
};

describe('a report', () => {
  it('as text ends with the verdict, and has everything about what is broken', () => {
    const text = toText(report);
    for (const part of [
      '✗ rest/invalid-body (submit)',
      ...Object.values(failure).map((value) => value.split('\n')[0]),
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('it takes --restart: events/restart');
    expect(text).toMatch(/operations and statuses +1 of 172; never createSession 400 401 .*, listSessions 200 /);
    expect(text.trimEnd().split('\n').at(-1)).toBe(
      'http://127.0.0.1:8080 reaches level core, not full: 1 passed, 1 failed, 1 not exercised in 1.2 s (--seed 7).',
    );
  });

  it('of only some rules names no level and has no coverage', () => {
    const some = { ...report, partial: true };
    expect(toText(some)).not.toMatch(/level|Covered/);
    expect(toHtml(some)).toContain('<h1>Some rules: not all passed</h1>');
  });

  it('as JUnit is well-formed XML with a case for each rule', () => {
    const xml = toJunit(report);
    expect(xml).toContain('<testsuites name="parley verify" tests="3" failures="1" skipped="1" time="1.234">');
    expect(xml.match(/<testsuite /g)).toHaveLength(2);
    expect(xml.match(/<testcase /g)).toHaveLength(3);
    expect(xml).toContain('message="expected 400 &lt;InvalidRequest&gt;, got 200 &amp; ]]&gt; 50%, &quot;x&quot;"');
    expect(xml).toContain('<skipped message="it takes --restart"/>');
    expectWellFormed(xml.replace(/^<\?xml.*\?>\n/, ''));
  });

  it('as JSON has what programs want, and no function', () => {
    const parsed = JSON.parse(toJson(report));
    expect(parsed).toMatchObject({ seed: 7, verdict: { reached: 'core', exitCode: 1 }, notes: [{ got: '<extra>' }] });
    expect(parsed.outcomes[1]).toEqual({
      id: 'rest/invalid-body',
      subject: 'submit',
      level: 'core',
      title: 'It <holds> & "stays".',
      source: 'openapi.yaml#/paths/~1api~1health/get',
      line: expect.stringMatching(/^openapi\.yaml:\d+$/),
      status: 'failed',
      failures: [failure],
      duration: 20,
    });
  });

  it('as HTML is one page that loads nothing, and escapes what it shows', () => {
    const html = toHtml(report);
    expect(html).toContain('<h1>Level core, not full</h1>');
    expect(html).toContain('400 &lt;InvalidRequest&gt;');
    expect(html).not.toContain('</script>');
    expect(html).not.toMatch(/<script|<link|<img|\bsrc=|url\(|@import/);
    expectWellFormed(html.replace(/^<!doctype html>\n/, '').replaceAll(/<(meta|br)\b[^>]*>/g, ''));
  });

  it('for GitHub annotates in one line each, and sums up as Markdown', () => {
    const [error, warning, ...rest] = toAnnotations(report).trimEnd().split('\n');
    expect(error).toMatch(
      /^::error title=rest\/invalid-body \(submit\)::It <holds> & "stays"\.%0Aexpected 400 .* 50%25/,
    );
    expect(warning).toBe('::warning title=events/restart::Not exercised: it takes --restart');
    expect(rest).toEqual([]);
    const markdown = toMarkdown(report);
    expect(markdown).toMatch(/^## ❌ parley verify\n\n` http:.* reaches level core/);
    expect(markdown).toContain('| operations and statuses | 1 | 172 |');
    // What was received cannot end the block that it is shown in.
    expect(markdown).toMatch(/\n````text\n[\s\S]*\n```\n````\n/);
    const sly = { ...failure, got: 'a `b` <img src=x>\n\n# c' };
    const slyReport = { ...report, outcomes: [{ ...report.outcomes[1], failures: [sly] }] } as Report;
    expect(toMarkdown(slyReport)).toContain('got `` a `b` <img src=x>  # c `` (');
  });
});

/** Expects every tag to be closed in its order, and nothing else to look like one. */
function expectWellFormed(markup: string): void {
  const open: string[] = [];
  for (const [tag, close, name = '', self] of markup.matchAll(
    /<(\/?)([a-z0-9]+)(?:\s+[a-zA-Z-]+="[^"<]*")*\s*(\/?)>/g,
  )) {
    if (self === '/') continue;
    if (close === '/') expect(open.pop(), tag).toBe(name);
    else open.push(name);
  }
  expect(open).toEqual([]);
  const texts = markup
    .replaceAll(/<style>.*<\/style>/gs, '')
    .replaceAll(/<\/?[a-z0-9]+(?:\s+[a-zA-Z-]+="[^"<]*")*\s*\/?>/g, '');
  expect(texts).not.toMatch(/[<]|&(?!(amp|lt|gt|quot|#39);)/);
}
