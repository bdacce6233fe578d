import { measureClientSizes } from './client-size.mjs';

for (const { name, text, bytes, budget } of await measureClientSizes()) {
  console.log(`${name}: ${bytes.toLocaleString('en')} of ${budget.toLocaleString('en')} bytes.`);
  if (bytes > budget) fail(`${name}: that is over the budget.`);
  if (/\beval\(|\bnew Function\b|\bFunction\(/.test(text))
    fail(`${name}: it makes code at run time, which a strict CSP forbids.`);
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
