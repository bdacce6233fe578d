import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { repository } from './setup.mjs';

/** What the client may weigh in a page, validators included: minified, then gzip. */
const budget = 28 * 1024;

const { outputFiles } = await build({
  stdin: { contents: "export * from '@parleyhq/client';", resolveDir: repository },
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser', // a Node built-in anywhere fails the build
  target: 'es2022',
  write: false,
});
const code = outputFiles[0]?.text ?? '';
const size = gzipSync(code, { level: 9 }).length;
console.log(`The client weighs ${(size / 1024).toFixed(1)} KiB of ${budget / 1024} KiB.`);
if (size > budget) fail('That is over the budget: 28 KiB gzip.');
if (/\beval\(|\bnew Function\b|\bFunction\(/.test(code)) fail('It makes code at run time, which a strict CSP forbids.');

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
