import type { ToolCallContent, ToolCallItem } from '@parleyhq/client';
import { createTwoFilesPatch } from 'diff';
import type { Span, Style } from '../../terminal/fit-line.js';
import { foldLines, linesOf } from '../../terminal/fold-lines.js';
import { printable } from '../../terminal/printable.js';
import type { Screen } from '../../terminal/screen.js';
import { showDiff } from './show-diff.js';

const FOLD = { head: 5, tail: 5 };
/** How other text of a tool call is folded: more than the output of a command. */
const TEXT_FOLD = { head: 3, tail: 0 };
const DIFF_TIMEOUT = 500;
/** The most characters of a tool's input that are shown when the user is asked about it. */
const MAX_INPUT = 4_000;

/** Shows the first line of a tool call, and leaves it open for the result. */
export function showToolCallStart(screen: Screen, { title, kind }: ToolCallItem): void {
  screen.block('tool calls');
  screen.openLine([{ text: '▸ ', style: 'cyan' }, { text: titleOf(title, kind) }]);
}

/** Shows the result of a tool call: on its line if that is still open, else on a new one. Then its content, folded. */
export function showToolCallEnd(
  screen: Screen,
  { title, kind, status, content }: ToolCallItem,
  shown: { readonly onItsLine: boolean; readonly diff: boolean },
): void {
  const failed = status === 'failed';
  const style: Style = failed ? 'red' : 'green';
  const mark = `${failed ? '✗' : '✓'}${exitOf(content)}`;
  if (shown.onItsLine && screen.isOpen()) {
    screen.write(` ${mark}\n`, style);
  } else {
    screen.block('tool calls');
    screen.line([{ text: `${mark} `, style }, { text: titleOf(title, kind) }]);
  }
  // The diff of a failed edit is not shown: the files do not have it.
  for (const block of content) if (block.type !== 'diff' || !(shown.diff || failed)) showContent(screen, block);
}

/** Shows what a tool call would do, as far as the agent says so, before the user consents to it. */
export function showToolCallDetails(screen: Screen, { content, locations, raw_input }: ToolCallItem): void {
  for (const block of content) showContent(screen, block);
  if (content.some(({ type }) => type === 'diff')) return;
  for (const { path } of locations) screen.longLine([{ text: `  │ ${path}`, style: 'dim' }]);
  if (raw_input === undefined) return;
  const input = JSON.stringify(raw_input);
  const left = input.length - MAX_INPUT;
  const text = left > 0 ? `${input.slice(0, MAX_INPUT)}… ${left} more characters …` : input;
  screen.longLine([{ text: `  │ ${text}`, style: 'dim' }]);
}

function showContent(screen: Screen, block: ToolCallContent): void {
  switch (block.type) {
    case 'command_output':
      return showLines(screen, block.text, FOLD, block.truncated_bytes);
    case 'text':
      return showLines(screen, block.text, TEXT_FOLD, block.truncated_bytes);
    case 'diff':
      return showEdit(screen, block);
    case 'resource_link':
    case 'resource':
      return screen.line([{ text: `  │ ${block.uri}`, style: 'dim' }]);
    case 'image':
    case 'audio':
      return screen.line([{ text: `  │ [${block.type}]`, style: 'dim' }]);
    default:
      block satisfies never;
  }
}

function showLines(screen: Screen, text: string, fold: typeof FOLD, cut: number | undefined): void {
  const lines: readonly string[] = foldLines(linesOf(text), fold, (count) => `… ${count} lines folded …`);
  for (const line of cut === undefined ? lines : [...lines, `… ${cut} bytes are left out …`]) {
    screen.line([{ text: `  │ ${line}`, style: 'dim' }]);
  }
}

function showEdit(screen: Screen, { path, old_text, new_text }: Extract<ToolCallContent, { type: 'diff' }>): void {
  const name = printable(path).replaceAll('\n', ' ');
  const patch = createTwoFilesPatch(name, name, old_text ?? '', new_text, undefined, undefined, {
    context: 3,
    timeout: DIFF_TIMEOUT,
  });
  // Undefined if the comparison takes too long.
  const diff = patch?.replace(/^(Index: .*\n)?=+\n/, '');
  if (diff === undefined) screen.line([{ text: `  │ ${name}: too much has changed to show`, style: 'dim' }]);
  else showDiff(screen, diff, { whole: false });
}

function exitOf(content: readonly ToolCallContent[]): string {
  const ended = content.find((block) => block.type === 'command_output');
  if (ended?.type !== 'command_output') return '';
  if (ended.signal != null) return ` ${ended.signal}`;
  return ended.exit_code ? ` exit code ${ended.exit_code}` : '';
}

function titleOf(title: string, kind: string): string {
  return title === '' ? kind : title;
}

/** The title of a tool call, for the question about it. */
export function toolCallTitle({ title, kind }: Pick<ToolCallItem, 'title' | 'kind'>): Span {
  return { text: titleOf(title, kind), style: 'bold' };
}
