import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { mayBreak, sortVersions } from '../src/breaking/compare-contracts.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'codegen-breaking-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command on the documents of the first release, with some of their text replaced. */
function check(replacements, args = []) {
  for (const name of ['openapi.yaml', 'asyncapi.yaml']) {
    cpSync(join(repository, 'contracts', '0.1.0', name), join(folder, name));
    let text = readFileSync(join(folder, name), 'utf8');
    for (const [from, to] of replacements) text = text.replaceAll(from, to);
    writeFileSync(join(folder, name), text);
  }
  return run(['--against', '0.1.0', '--documents', folder, ...args]);
}

function run(args) {
  const script = join(repository, 'scripts', 'check-breaking.mjs');
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

const SHORTER = ['session_count: { type: integer, minimum: 0', 'session_count: { type: integer, minimum: -1'];
const NEXT = ['version: 0.1.0', 'version: 0.2.0'];

describe('the command', () => {
  it('lets pass what has not changed', () => {
    const { status, stdout } = check([]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: '0 breaking changes and 0 compatible ones since 0.1.0.\n',
    });
  });

  it('fails on what breaks, and says where, for whom and with what', () => {
    const { status, stdout } = check([SHORTER]);
    expect(status).toBe(1);
    expect(stdout).toContain('BREAKING    answer: minimum: 0 → -1');
    expect(stdout).toContain('In getHealth 200.');
    expect(stdout).toContain('The new server may send this; an old client refuses it.');
    expect(stdout).toMatch(/old: contracts\/0\.1\.0\/openapi\.yaml:\d+ {2}Health\/properties\/session_count\/minimum/);
    expect(stdout).toMatch(/new: .+\/openapi\.yaml:\d+ {2}Health\/properties\/session_count\/minimum/);
    expect(stdout).toContain('"session_count":-1');
    expect(stdout).toContain('raise info.version of both documents to 0.2.0');
  });

  it('points at the line of a change', () => {
    const { stdout } = check([SHORTER]);
    const [, line] = /openapi\.yaml:(\d+)/.exec(stdout);
    const lines = readFileSync(join(folder, 'openapi.yaml'), 'utf8').split('\n');
    expect(lines[Number(line) - 1]).toContain('session_count: {');
  });

  it('names some of many operations', () => {
    const { stdout } = check([
      ['message: { type: string, maxLength: 8192, description: One', 'message: { type: string, description: One'],
    ]);
    expect(stdout).toContain('answer: maxLength: 8192 → none');
    expect(stdout).toMatch(/In (?:\w+ \w+, ){7}\w+ \w+ and \d+ more\./);
  });

  it('lets a version pass that says that it breaks', () => {
    const { status, stdout } = check([SHORTER, NEXT]);
    expect(status).toBe(0);
    expect(stdout).toContain('1 breaking change and 0 compatible ones from 0.1.0 to 0.2.0, which the version allows.');
  });

  it('does not let a patch pass that breaks', () => {
    expect(check([SHORTER, ['version: 0.1.0', 'version: 0.1.1']]).status).toBe(1);
  });

  it('writes the report as Markdown too', () => {
    const report = join(folder, 'report.md');
    check([SHORTER, ['maxLength: 512, description: An access token.', 'maxLength: 600']], ['--report', report]);
    const text = readFileSync(report, 'utf8');
    expect(text).toContain('## Breaking\n\n### answer: minimum: 0 → -1');
    expect(text).toContain('## Compatible\n\n### request: maxLength: 512 → 600');
    expect(text).toContain('```json\n{"application/json":{"token":"aaaaaaaa… (513 characters)"}}\n```');
  });

  it.each([
    ['an unknown option', ['--all'], /Unknown option '--all'[\s\S]*Usage: npm run check:breaking/],
    ['a word', ['now'], /Unexpected argument 'now'[\s\S]*Usage/],
    ['an unknown release', ['--against', '9.9.9'], /No release 9\.9\.9 in contracts\/\. There are: 0\.1\.0/],
    ['a folder without documents', ['--documents', join(folder, 'nowhere')], /There is no .+nowhere\/openapi\.yaml/],
    ['a report that cannot be written', ['--report', join(folder, 'no', 'r.md')], /ENOENT.+r\.md/],
  ])('refuses %s', (_, args, said) => {
    const { status, stderr } = run(args);
    expect(stderr).toMatch(said);
    expect(status).toBe(2);
  });

  it.each([
    ['what is older than the release', [['version: 0.1.0', 'version: 0.0.9']], /Version 0\.0\.9 is older than 0\.1\.0/],
    ['what is no version', [['version: 0.1.0', 'version: next']], /Expected a version such as 1\.2\.3, got next/],
    [
      'a reference to nothing',
      [["schemas/Health'", "schemas/Wealth'"]],
      /Wealth' at .*points at nothing|Wealth at .*points at nothing/,
    ],
    [
      'a keyword that it does not know',
      [['maxProperties: 64', 'minContains: 64']],
      /The keyword minContains of .+Metadata/,
    ],
  ])('refuses to compare %s', (_, replacements, said) => {
    const { status, stderr } = check(replacements);
    expect(stderr).toMatch(said);
    expect(status).toBe(2);
  });

  it('refuses documents of two versions', () => {
    check([]);
    const file = join(folder, 'asyncapi.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('version: 0.1.0', 'version: 0.1.1'));
    const { status, stderr } = run(['--documents', folder]);
    expect(stderr).toContain('Expected the same info.version in both documents, got 0.1.0 and 0.1.1.');
    expect(status).toBe(2);
  });
});

describe('a version', () => {
  it.each([
    ['1.4.2', '2.0.0', true],
    ['1.4.2', '1.5.0', false],
    ['1.4.2', '1.4.3', false],
    ['1.4.2', '1.4.2', false],
    ['0.1.0', '0.2.0', true],
    ['0.1.0', '0.1.1', false],
    ['0.9.0', '1.0.0', true],
  ])('%s followed by %s may break: %s', (old, current, expected) => {
    expect(mayBreak(old, current)).toBe(expected);
  });

  it('is the last one by its numbers', () => {
    expect(sortVersions(['0.10.0', '0.9.0', '1.0.0', '0.9.12'])).toEqual(['0.9.0', '0.9.12', '0.10.0', '1.0.0']);
  });
});
