import { expect, test } from 'vitest';
import { countChecks, countMutants, countOne, countTests } from './ci-count.mjs';

const report = (passed: number, total: number, files: object[] = []): string =>
  JSON.stringify({ numPassedTests: passed, numTotalTests: total, testResults: files });

test('a command counts as one', () => {
  expect(countOne({ ok: true, output: '', report: undefined })).toEqual({ passed: 1, failed: 0 });
  expect(countOne({ ok: false, output: '', report: undefined })).toEqual({ passed: 0, failed: 1 });
});

test('each check counts, whatever stands around it', () => {
  const output = 'Installing …\nok    format       0.4 s\nFAIL  lint         0.5 s\nok    types        2.0 s\n';
  expect(countChecks({ ok: false, output, report: undefined })).toEqual({ passed: 2, failed: 1 });
});

test('each guard that is taken out counts', () => {
  const output = '3 tests pass\nkilled    1  forgets   0.4 s  \nSURVIVED  2  repeats   0.5 s  every test passes\n';
  expect(countMutants({ ok: false, output, report: undefined })).toEqual({ passed: 1, failed: 1 });
  expect(countMutants({ ok: false, output: 'fails', report: undefined })).toEqual({ passed: 0, failed: 1 });
});

test('each test counts, a skipped one as failed', () => {
  expect(countTests({ ok: true, output: '', report: report(5, 5) })).toEqual({ passed: 5, failed: 0 });
  expect(countTests({ ok: true, output: '', report: report(5, 7) })).toEqual({ passed: 5, failed: 2 });
});

test('a test file that cannot be loaded is a failure', () => {
  const files = [{ status: 'failed', assertionResults: [] }];
  expect(countTests({ ok: false, output: '', report: report(5, 5, files) })).toEqual({ passed: 5, failed: 1 });
});

test('a part that fails without a word, leaves no report, or runs nothing is a failure', () => {
  expect(countChecks({ ok: false, output: 'npm error', report: undefined })).toEqual({ passed: 0, failed: 1 });
  expect(countTests({ ok: false, output: '', report: report(5, 5) })).toEqual({ passed: 5, failed: 1 });
  expect(countTests({ ok: true, output: '', report: undefined })).toEqual({ passed: 0, failed: 1 });
  expect(countTests({ ok: true, output: '', report: report(0, 0) })).toEqual({ passed: 0, failed: 1 });
});
