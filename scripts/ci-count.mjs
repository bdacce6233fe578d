/** @typedef {{passed: number, failed: number}} Count */

/**
 * @typedef {object} PartResult
 * @property {boolean} ok Whether the command ended with 0.
 * @property {string} output What it printed.
 * @property {string | undefined} report The JSON report, where it wrote one.
 */

/**
 * @param {PartResult} result
 * @returns {Count} The command as a whole.
 */
export function countOne({ ok }) {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * @param {PartResult} result
 * @returns {Count} The lines of `npm run check`, one for each check.
 */
export function countChecks({ ok, output }) {
  const passed = output.match(/^ok {4}\w/gm)?.length ?? 0;
  const failed = output.match(/^FAIL {2}\w/gm)?.length ?? 0;
  return atLeastOne(ok, { passed, failed });
}

/**
 * @param {PartResult} result
 * @returns {Count} The lines of `npm run test:mutants`, one for each guard that was taken out.
 */
export function countMutants({ ok, output }) {
  const passed = output.match(/^killed {4}\d/gm)?.length ?? 0;
  const failed = output.match(/^SURVIVED {2}\d/gm)?.length ?? 0;
  return atLeastOne(ok, { passed, failed });
}

/**
 * @param {PartResult} result
 * @returns {Count} The tests of vitest's JSON report. A file that could not be loaded is a failure, and so is a test
 * that was skipped.
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
 * @returns {Count} With a failure where the command failed and nothing that was counted says why, and where nothing ran.
 */
function atLeastOne(ok, { passed, failed }) {
  const silent = failed === 0 && (!ok || passed === 0);
  return { passed, failed: silent ? 1 : failed };
}
