import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from '@parleyhq/server';
import stringWidth from 'string-width';
import { afterAll, describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { runInTerminal, type TerminalOptions } from '../../test/run-in-terminal.js';
import { isAlive, leftBehind, temporaryFolder } from '../../test/run-parley.js';

const CTRL_C = '\u0003';
const ESCAPE = '\u001b';

type StartOptions = Partial<TerminalOptions> & {
  /** Steps in YAML of the demo agent's scenarios, beside those that it has, by name. */
  readonly scenarios?: Record<string, string>;
};

const OBSTINATE = fileURLToPath(new URL('../../test/obstinate-agent.mjs', import.meta.url));

// One for all tests whose run needs none of its own.
const root = await realpath(await mkdtemp(join(tmpdir(), 'parley-terminal-')));
const extra = join(root, 'scenarios');
await mkdir(extra);
const server = await createServer({
  ...{ dataDir: join(root, 'data'), port: 0, roots: [root] },
  agents: [{ name: 'demo', in_memory: true }],
  env: { ...process.env, PARLEY_DEMO_PACE: '1', PARLEY_DEMO_SCENARIOS: extra },
});
const { url } = await server.listen();
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

/** The command at work in a project of its own. */
async function start(args: readonly string[], { scenarios = {}, ...options }: StartOptions = {}) {
  const project = await mkdtemp(join(root, 'project-'));
  for (const [name, steps] of Object.entries(scenarios)) {
    await writeFile(join(extra, `${name}.yaml`), `description: For a test.\nsteps:\n${steps}`);
  }
  const env = { PARLEY_SERVER: url, PARLEY_DATA_DIR: server.dataDir, ...options.env };
  return { ...runInTerminal(['run', ...args], { cwd: project, ...options, env }), project };
}

/** The same with a server of its own, and what is left of that. */
async function startAlone(args: readonly string[]) {
  const { folder, project } = await temporaryFolder();
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const config = join(folder, 'parley.yaml');
  const obstinate = { name: 'obstinate', command: process.execPath, args: [OBSTINATE] };
  await writeFile(config, JSON.stringify({ agents: [obstinate] }));
  const env = { TMPDIR: temporary, PARLEY_CONFIG: config };
  return { ...runInTerminal(['run', ...args], { cwd: project, env }), project, left: () => leftBehind(temporary) };
}

describe('parley run in a terminal', () => {
  it('shows the text, then the patch in colour, and applies it on y', async () => {
    const { said, press, ended, project } = await start(['write a sort function']);
    await said(/Thinking: The user wants a sort function/);
    await said(/I will implement a sort function/);
    await said(/▸ Create sort\.ts\n/);
    await said(/Patch: 1 file \+24 -0\n/);
    await said(/\[y\] apply .*\[a\] apply and do not ask again.*\[n\] reject/);
    expect(existsSync(join(project, 'sort.ts'))).toBe(false);
    press('y');
    const { code, shown, raw } = await ended;
    expect(code).toBe(0);
    expect(shown).toContain('✓ applied: sort.ts (+24 -0)\n');
    expect(shown).toContain('✓ completed · 1,200 of 200,000 tokens of context\n');
    expect(raw).toContain(`${ESCAPE}[32m+export function sort<T>`);
    expect(await readFile(join(project, 'sort.ts'), 'utf8')).toContain('export function sort');
    // The diff was shown before the question, and not again when the file was written.
    expect(shown.split('+export function sort<T>')).toHaveLength(2);
  });

  itInAll('asks for the edits that wait together as one patch, and writes none of them on n', async () => {
    const { said, press, ended, project } = await start(['/edits']);
    await said(/Patch: 2 files \+5 -0\n[\s\S]*src\/greet\.ts[\s\S]*src\/index\.ts[\s\S]*Apply this patch\?/);
    press('n');
    const { code, shown } = await ended;
    expect(code).toBe(0);
    expect(shown.match(/Apply this patch/g)).toHaveLength(1);
    expect(shown).toContain('✗ Create src/greet.ts\n');
    expect(shown).toContain('Not all of it was written.');
    expect(existsSync(join(project, 'src'))).toBe(false);
  });

  itInAll('shows the patch of an isolated session once the turn has ended, and applies it on y alone', async () => {
    for (const key of ['y', 'n']) {
      const { said, press, ended, project } = await start(['--isolated', 'sort']);
      await said(/`sort\.ts` is written[\s\S]*✓ completed[\s\S]*Patch: 1 file \+24 -0\n[\s\S]*Apply this patch\?/);
      expect(existsSync(join(project, 'sort.ts'))).toBe(false);
      press(key);
      const { code, shown } = await ended;
      expect([key, code]).toEqual([key, 0]);
      expect(existsSync(join(project, 'sort.ts'))).toBe(key === 'y');
      expect(shown.includes('✓ applied: sort.ts (+24 -0)\n')).toBe(key === 'y');
    }
  });

  itInAll('says what stands in the way of a patch, and then asks for what the agent wants by itself', async () => {
    const blocked = [`  - run: [node, -e, "fs.mkdirSync('a')"]`, '  - edits: [{ path: a, content: x }]'].join('\n');
    const { said, press, ended } = await start(['/blocked'], { scenarios: { blocked } });
    await said(/Conflict: a: [\s\S]*Apply this patch\?/);
    press('y');
    await said(/! The patch cannot be applied; nothing has changed\. a: /);
    await said(/May the agent do this\? Create a\n[\s\S]*\[n\] Reject/);
    press('n');
    const { code, shown } = await ended;
    expect(code).toBe(1);
    expect(shown).toContain('✗ Create a\n');
  });

  itInAll(
    'offers the keys of the answers that the agent offers; a key pressed before the question is no answer',
    async () => {
      const early = [
        '  - say: Press nothing.',
        `  - run: [node, -e, "const poll = setInterval(() => fs.existsSync('go') && clearInterval(poll), 10)"]`,
        `  - run: [node, -e, "console.log('approved')"]`,
        '    ask_first: true',
        '    rejected: [{ say: It was not run. }]',
      ].join('\n');
      const { said, press, ended, project } = await start(['/early'], { scenarios: { early } });
      press('y');
      await said(/Press nothing\./);
      press('y');
      await writeFile(join(project, 'go'), '');
      await said(/May the agent do this\? node -e console\.log\('approved'\)\n/);
      await said(/\[y\] Allow {2}\[a\] Allow for this session {2}\[n\] Reject/);
      press('n');
      const { code, shown } = await ended;
      expect(code).toBe(0);
      expect(shown).toContain('It was not run.');
      expect(shown).not.toContain('│ approved');
    },
  );

  itInAll('asks the questions of a form, and Escape declines them', async () => {
    const form = [
      '  - question: Some facts, please.',
      '    fields:',
      '      language: { type: string, title: Language, enum: [TypeScript, Rust] }',
      '      name: { type: string, title: Name }',
      '      count: { type: integer, title: Count, minimum: 3 }',
      '      strict: { type: boolean, title: Strict }',
      '    accepted: [{ say: "Got {language}, {name}, {count}, {strict}." }]',
      '    declined: [{ say: "No facts." }]',
    ].join('\n');
    const { said, press, ended } = await start(['/form'], { scenarios: { form } });
    await said(/Some facts, please\./);
    await said(/Language\? {2}\[1\] TypeScript {2}\[2\] Rust {2}\[Esc\] decline/);
    press('2');
    await said(/Name \(text; Esc declines\): /);
    press('李\u007fAda\r');
    await said(/Count \(a whole number; Esc declines\): /);
    press('many\r');
    await said(/Expected a whole number\.\n/);
    press('2\r');
    await said(/Strict\? {2}\[1\] yes {2}\[2\] no/);
    press('1');
    // The agent wants at least three: the server says so, and the form is asked again.
    await said(/do not fit the form[\s\S]*content\/count[\s\S]*Language\?/);
    press('1');
    await said(/Name/);
    press('Ada\r');
    await said(/Count/);
    press('4\r');
    await said(/Strict/);
    press('2');
    await said(/Got TypeScript, Ada, 4, false\./);
    expect((await ended).code).toBe(0);

    const declined = await start(['/form'], { scenarios: { form } });
    await declined.said(/Language\?/);
    declined.press('1');
    await declined.said(/Name \(/);
    declined.press(ESCAPE);
    await declined.said(/No facts\./);
    expect((await declined.ended).code).toBe(0);
  });

  it('interrupts the turn on Ctrl-C, also while it asks', async () => {
    const { said, press, ended } = await start(['/wait']);
    await said(/I wait until I am interrupted\./);
    press(CTRL_C);
    const { code, shown } = await ended;
    expect(code).toBe(130);
    expect(shown).toMatch(/Interrupting; Ctrl-C again quits at once\.\n\n✗ interrupted\n/);

    const asking = await start(['sort']);
    await asking.said(/Apply this patch\?/);
    asking.press(CTRL_C);
    expect((await asking.ended).code).toBe(130);
    expect(existsSync(join(asking.project, 'sort.ts'))).toBe(false);
  });

  itInAll('quits on the second Ctrl-C, and leaves no process and no file behind', async () => {
    const { said, press, ended, left } = await startAlone(['--agent', 'obstinate', 'begin']);
    const [, pid] = await said(/I am process (\d+)\./);
    expect(isAlive(Number(pid))).toBe(true);
    press(CTRL_C);
    await said(/Ctrl-C again quits/);
    press(CTRL_C);
    const { code, shown } = await ended;
    expect(code).toBe(130);
    expect(shown).not.toContain('✗ interrupted');
    expect(isAlive(Number(pid))).toBe(false);
    expect(await left()).toEqual([]);
  });

  itInAll('leaves nothing behind when its terminal is taken away', async () => {
    const { said, hangUp, ended, left } = await startAlone(['--agent', 'obstinate', 'begin']);
    const [, pid] = await said(/I am process (\d+)\./);
    hangUp();
    expect((await ended).code).toBe(129);
    expect(isAlive(Number(pid))).toBe(false);
    expect(await left()).toEqual([]);
  });

  it('gives no escape sequence of the agent to the terminal', async () => {
    const wild = [
      '  - say: "\\e[2J\\e]0;owned\\aone \\e]52;c;YQ==\\a\\u009b31mtwo \\u202ethree\\b\\0"',
      '  - run: [node, -e, "process.stdout.write(`\\\\x1b[31mred\\\\x1b[0m\\\\x1b[1A\\\\x07\\\\n`)"]',
    ].join('\n');
    const { ended } = await start(['/wild \u001b[5m'], { scenarios: { wild } });
    const { raw, shown } = await ended;
    const own = new RegExp(`${ESCAPE}\\[\\d+m`, 'g');
    expect(raw.replace(own, '').replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    for (const part of [']0;owned', 'one', 'two', '<U+202E>three<U+0008>', '│ <U+001B>[31mred'])
      expect(shown).toContain(part);
  });

  const HIDING = 'import os\\nos.system(\\"id\\")\\r# reads the version\\necho \\e]0;id>OWNED;\\a\\n';

  for (const options of [[], ['--isolated']]) {
    const define = options.length === 0 ? it : itInAll;
    define(`shows each line of a patch as it is before it asks ${options}`, async () => {
      const hiding = `  - edits: [{ path: "a\\u202eb.py", content: "${HIDING}" }]`;
      const { said, press, ended, project } = await start([...options, '/hiding'], { scenarios: { hiding } });
      await said(/\+\+\+ b\/a<U\+202E>b\.py\n/);
      await said(/\n\+import os\n\+os\.system\("id"\)␍# reads the version\n\+echo <U\+001B>\]0;id>OWNED;<U\+0007>\n/);
      await said(/Apply this patch\?/);
      press('n');
      const { raw } = await ended;
      expect(raw).toContain(`os.system("id")${ESCAPE}[7m␍${ESCAPE}[27m# reads`);
      expect(existsSync(join(project, 'a\u202eb.py'))).toBe(false);
    });
  }

  itInAll('shows each line of a command before it asks, and all of a long one on d', async () => {
    const long = `${'x'.repeat(5_000)}end`;
    const command = `[node, -e, "// a comment\\n\\r\\u200bprocess.exit()", "${long}"]`;
    const hiding = `  - { run: ${command}, ask_first: true, rejected: [{ say: It was not run. }] }`;
    const { said, press, ended } = await start(['/hiding'], { scenarios: { hiding }, columns: 9_000 });
    await said(/May the agent do this\? node -e \/\/ a comment␊␍<U\+200B>process\.exit\(\) x/);
    await said(/more characters …[\s\S]*\[d\] all of it/);
    press('d');
    await said(/xend[\s\S]*Your answer\?/);
    press('n');
    expect((await ended).shown).toContain('It was not run.');
  });

  itInAll('folds long output, keeps its lines within the width, and shows a plan in short', async () => {
    const busy = [
      '  - plan: [{ content: "排序 first", status: in_progress }, { content: second, status: pending }]',
      '  - run: [node, -e, "for (let i = 1; i <= 100; i++) console.log(i + `排序`.repeat(30))"]',
      '  - plan: [{ content: "排序 first", status: completed }, { content: second, status: in_progress }]',
    ].join('\n');
    const { ended } = await start(['/busy'], { scenarios: { busy }, columns: 60 });
    const { shown } = await ended;
    expect(shown).toContain('  │ … 90 lines folded …\n');
    expect(shown).toContain('Plan 1/2  ✓ 排序 first  ▸ second\n');
    const lines = shown.split('\n');
    expect(lines.filter((line) => line.startsWith('  │ ')).map((line) => stringWidth(line))).toHaveLength(11);
    for (const line of lines.filter((line) => line.startsWith('  │ ')))
      expect(stringWidth(line)).toBeLessThanOrEqual(60);
    expect(lines.some((line) => /^ {2}│ 1排序.*…$/.test(line))).toBe(true);
    expect(lines.some((line) => /^ {2}│ 100排序.*…$/.test(line))).toBe(true);
  });

  itInAll('uses no colour where NO_COLOR says so', async () => {
    const { said, press, ended } = await start(['sort'], { env: { NO_COLOR: '1' } });
    await said(/Apply this patch\?/);
    press('y');
    const { code, raw } = await ended;
    expect(code).toBe(0);
    expect(raw).not.toContain(ESCAPE);
  });

  itInAll('asks nothing with --yes: it shows the patch and applies it', async () => {
    const { ended, project } = await start(['--yes', 'sort']);
    const { code, shown } = await ended;
    expect(code).toBe(0);
    expect(shown).toContain('+export function sort<T>');
    expect(shown).not.toContain('Apply this patch?');
    expect(existsSync(join(project, 'sort.ts'))).toBe(true);
  });

  it('wants a message', async () => {
    const { ended } = await start([]);
    const { code, shown } = await ended;
    expect(code).toBe(2);
    expect(shown).toContain('parley: expected a message for the agent, for example parley run "Add a test"');
  });
});
