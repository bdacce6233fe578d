import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, repository, setup } from './setup.mjs';

/**
 * `npm run check`: all static checks. It runs every check even if others fail, prints a line for each, then the output
 * of those that failed. `npm run check -- lint types` runs only the named ones.
 */

/** No check may use the network. */
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** @type {Record<string, string[][]>} The commands of each check. The first word is a file of node_modules, or a script. */
const checks = {
  format: [['@biomejs/biome/bin/biome', 'format']],
  lint: [['@biomejs/biome/bin/biome', 'check', '--formatter-enabled=false', '--error-on-warnings']],
  types: [
    ['typescript/bin/tsc', '-b'],
    ['typescript/bin/tsc', '-p', 'tsconfig.test.json'],
    ['typescript/bin/tsc', '-p', 'e2e/conformance'],
  ],
  specs: [['@redocly/cli/bin/cli.js', 'lint', 'openapi.yaml', 'asyncapi.yaml', 'examples/main-job.arazzo.yaml']],
  breaking: [['scripts/check-breaking.mjs']],
  generated: [['scripts/generate.mjs', '--check']],
  implemented: [['typescript/bin/tsc', '-b'], ['scripts/check-implemented.mjs']],
  unused: [['knip/bin/knip.js']],
  size: [['typescript/bin/tsc', '-b'], ['scripts/check-size.mjs']],
  packages: [['scripts/setup.mjs'], ['release/check-packages.mjs']],
  workflows: [['release/check-workflows.mjs']],
  text: [['scripts/check-text.mjs'], ['scripts/check-links.mjs']],
};

await setup({ build: false });
const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`No check is called ${unknown.join(', ')}. There are: ${Object.keys(checks).join(', ')}.`);
  process.exit(2);
}

/** The checks that need more than the root's dependencies, by the folder of the other lockfile. */
const tools = {
  'packages/codegen': ['breaking', 'generated', 'unused'],
  release: ['types', 'unused', 'packages', 'workflows'],
};
const wanted = named.length > 0 ? named : Object.keys(checks);
for (const [folder, users] of Object.entries(tools)) {
  if (users.some((name) => wanted.includes(name))) await ensureInstalled(join(repository, folder));
}

/** @type {{name: string, output: string}[]} */
const failed = [];
for (const name of wanted) {
  const started = Date.now();
  const { ok, output } = await run(checks[name] ?? []);
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(12)} ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (!ok) failed.push({ name, output });
}
for (const { name, output } of failed) console.error(`\n── ${name} ──\n${output.trim()}`);
if (failed.length > 0) {
  console.error(`\nTo repeat what failed: npm run check -- ${failed.map(({ name }) => name).join(' ')}`);
  process.exitCode = 1;
}

/**
 * @param {string[][]} commands
 * @returns {Promise<{ok: boolean, output: string}>}
 */
async function run(commands) {
  let output = '';
  let ok = true;
  for (const [file = '', ...args] of commands) {
    const path = /^(scripts|release)\//.test(file) ? file : join('node_modules', file);
    const child = spawn(process.execPath, [path, ...args], { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text;
      });
    }
    const code = await new Promise((resolve) => child.on('close', resolve));
    ok = ok && code === 0;
  }
  return { ok, output };
}
