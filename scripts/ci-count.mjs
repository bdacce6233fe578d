/** @typedef {{passed: number, failed: number}} Count */

/**
 * @typedef {object} PartResult
 * @property {boolean} ok Whether the command ended with 0.
 * @property {string} output What it printed.
 * @property {string | undefined} report The JSON report, if it wrote one.
 */

/**
 * @param {PartResult} result
 * @returns {Count} The command counts as one.
 */
export function countOne({ ok }) {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * @param {PartResult} result
 * @returns {Count} The checks, by the lines of `npm run check`.
 */
export function countChecks({ ok, output }) {
  const passed = output.match(/^ok {4}\w/gm)?.length ?? 0;
  const failed = output.match(/^FAIL {2}\w/gm)?.length ?? 0;
  return atLeastOne(ok, { passed, failed });
}

/**
 * @param {PartResult} result
 * @returns {Count} The mutants, by the lines of `npm run test:mutants`.
 */
export function countMutants({ ok, output }) {
  const passed = output.match(/^killed {4}\d/gm)?.length ?? 0;
  const failed = output.match(/^SURVIVED {2}\d/gm)?.length ?? 0;
  return atLeastOne(ok, { passed, failed });
}

/**
 * @param {PartResult} result
 * @returns {Count} The tests, by vitest's JSON report. A file that cannot be loaded counts as a failure, and so does a
 * skipped test.
 */
export function countTests({ ok, report }) {
  if (!report) return countOne({ ok: false, output: '', report });
  const { numPassedTests, numTotalTests, testResults } = JSON.parse(report);
  const broken = testResults.filter(
    (/** @type {{status: string, assertionResults: unknown[]}} */ file) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  );
  return atLeastOne(ok, { passed: numPassedTests, failed: numTotalTests - numPassedTests + broken.length });
}

/**
 * @param {boolean} ok
 * @param {Count} count
 * @returns {Count} With one failure if the command failed without a counted failure, or if nothing ran.
 */
function atLeastOne(ok, { passed, failed }) {
  const silent = failed === 0 && (!ok || passed === 0);
  return { passed, failed: silent ? 1 : failed };
}
