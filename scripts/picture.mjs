import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import headless from '@xterm/headless';
import { repository, setup } from './setup.mjs';

/**
 * `npm run picture`: creates docs/parley-run.svg, the recording in the README. It runs the real command in a terminal,
 * answers its questions, and draws each line at the time when it came. Without animation, by choice or by lack of
 * support, a viewer shows the end.
 */

const columns = 104;
const rows = 28;
/** Milliseconds that a question is shown before its answer, and the end before the recording starts again. */
const pause = { answer: 3_500, end: 6_000 };
const font = { size: 14, line: 20, column: 8.43 };
const margin = 18;
const bar = 38;
const colours = ['#484f58', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#c9d1d9'];

await setup();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-picture-')));
const project = join(folder, 'project');
mkdirSync(project);
try {
  const lines = await record(['run', '--isolated', 'Write a sort function']);
  const file = join('docs', 'parley-run.svg');
  writeFileSync(join(repository, file), draw(lines));
  console.log(`wrote ${file}: ${lines.length} lines`);
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * @typedef {{at: number, html: string}} Line The final text of a line, and when it came, in milliseconds.
 * @param {string[]} args
 * @returns {Promise<Line[]>}
 */
async function record(args) {
  const screen = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...others } = process.env;
  const env = { ...others, TERM: 'xterm-256color' };
  const command = [join(repository, 'packages/cli/bin/parley.js'), ...args];
  const started = Date.now();
  /** @type {number[]} When each line came. */
  const times = [];
  const program = spawn(process.execPath, command, { cwd: project, env, cols: columns, rows, name: 'xterm-256color' });
  let unanswered = '';
  program.onData((data) => {
    // The random name of the folder is not shown.
    screen.write(data.replaceAll(folder, '~'), () => {
      const { baseY, cursorY } = screen.buffer.active;
      // A line comes with its first letter, not with the end of the line before.
      const shown = baseY + cursorY + (drawLine(screen, baseY + cursorY) === '' ? 0 : 1);
      while (times.length < shown) times.push(Date.now() - started);
    });
    unanswered += data;
    if (!/\[y\]/.test(unanswered)) return;
    unanswered = '';
    setTimeout(() => program.write('y'), pause.answer);
  });
  const code = await new Promise((resolve) => program.onExit(({ exitCode }) => resolve(exitCode)));
  await new Promise((resolve) => screen.write('', () => resolve(undefined)));
  if (code !== 0) throw new Error(`parley ${args.join(' ')} ended with ${code}`);
  const shown = args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ');
  const prompt = `<tspan fill="${colours[2]}">$</tspan> <tspan font-weight="bold">${escapeText(`parley ${shown}`)}</tspan>`;
  const lines = times.map((at, index) => ({ at, html: drawLine(screen, index) }));
  while (lines.at(-1)?.html === '') lines.pop();
  return [{ at: 0, html: prompt }, ...lines];
}

/**
 * @param {import('@xterm/headless').Terminal} screen
 * @param {number} index
 */
function drawLine(screen, index) {
  const line = screen.buffer.active.getLine(index);
  /** @type {{style: string, text: string}[]} */
  const runs = [];
  for (let column = 0; column < columns; column += 1) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const text = cell.getChars() || ' ';
    const style = styleOf(cell);
    const last = runs.at(-1);
    if (last?.style === style) last.text += text;
    else runs.push({ style, text });
  }
  const end = runs.findLastIndex(({ text }) => text.trim() !== '');
  return runs
    .slice(0, end + 1)
    .map(({ style, text }, run) => ({ style, text: run === end ? text.trimEnd() : text }))
    .map(({ style, text }) => (style === '' ? escapeText(text) : `<tspan${style}>${escapeText(text)}</tspan>`))
    .join('');
}

/** @param {import('@xterm/headless').IBufferCell} cell */
function styleOf(cell) {
  const colour = cell.isFgPalette() ? colours[cell.getFgColor() % colours.length] : undefined;
  return [
    colour === undefined ? '' : ` fill="${colour}"`,
    cell.isBold() ? ' font-weight="bold"' : '',
    cell.isDim() ? ' opacity=".6"' : '',
  ].join('');
}

/** @param {Line[]} lines */
function draw(lines) {
  const duration = (lines.at(-1)?.at ?? 0) + pause.end;
  const width = Math.round(columns * font.column + 2 * margin);
  const height = bar + rows * font.line + margin;
  /** @param {number} at */
  const percent = (at) => `${((100 * at) / duration).toFixed(2)}%`;
  /** @param {number} index How far the text is scrolled up when this line has come. */
  const scrolled = (index) => -font.line * Math.max(0, index + 1 - rows);
  const appearing = lines.map(
    ({ at }, index) =>
      `@keyframes l${index}{0%,${percent(at)}{visibility:hidden}${percent(at + 1)},100%{visibility:visible}}`,
  );
  const steps = lines.map(({ at }, index) => `${percent(at)}{transform:translateY(${scrolled(index)}px)}`).slice(rows);
  const texts = lines.map(({ html }, index) =>
    html === '' ? '' : `<text y="${index * font.line}" style="animation-name:l${index}">${html}</text>`,
  );
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, index) => `<circle cx="${margin + 6 + index * 20}" cy="${bar / 2}" r="6" fill="${fill}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>parley run: a demo agent works in a copy of the project, shows its patch, and applies it when the user says yes</title>
<style>
text{font:${font.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#e6edf3;white-space:pre}
text,.all{animation:${(duration / 1000).toFixed(1)}s step-end infinite}
.all{animation-name:scroll;transform:translateY(${scrolled(lines.length - 1)}px)}
@media (prefers-reduced-motion:reduce){text,.all{animation:none}}
${appearing.filter((_, index) => texts[index] !== '').join('\n')}
@keyframes scroll{0%{transform:none}${steps.join('')}100%{transform:translateY(${scrolled(lines.length - 1)}px)}}
</style>
<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>
${dots.join('')}
<clipPath id="screen"><rect width="${width}" height="${rows * font.line}"/></clipPath>
<g transform="translate(0 ${bar})" clip-path="url(#screen)"><g class="all"><g transform="translate(${margin} ${font.size})" xml:space="preserve">
${texts.filter((text) => text !== '').join('\n')}
</g></g></g>
</svg>
`;
}

/** @param {string} text */
function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
