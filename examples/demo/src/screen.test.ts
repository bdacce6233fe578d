import { expect, test } from 'vitest';
import { printDiff } from './print-diff.js';
import { createEventPrinter } from './print-event.js';
import { createScreen } from './screen.js';

const turn = { turn_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07' };
const item = { item_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f02' };

function capture(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  let text = '';
  const screen = createScreen({ isTTY, write: (piece: string) => (text += piece) }, env);
  return { screen, text: () => text };
}

test('text streams under its label, and what follows begins on a line of its own', () => {
  const { screen, text } = capture(false);
  const printEvent = createEventPrinter(screen);
  printEvent({ type: 'item_started', ...turn, item: { type: 'agent_message', ...item, content: [] } });
  printEvent({ type: 'item_delta', ...turn, ...item, delta: { type: 'text', text: '好的，\n' } });
  printEvent({ type: 'item_delta', ...turn, ...item, delta: { type: 'text', text: '我来写。\n\n' } });
  printEvent({
    type: 'plan_updated',
    ...turn,
    entries: [
      { content: 'Look', priority: 'high', status: 'completed' },
      { content: 'Write', priority: 'high', status: 'in_progress' },
    ],
  });
  expect(text()).toBe(
    ['', 'agent    好的，', '         我来写。', '', 'plan     ✓ Look', '         → Write', ''].join('\n'),
  );
});

test('a diff is coloured on a terminal, and plain in a pipe or where NO_COLOR is set', () => {
  const diff = '--- a/sort.ts\n+++ b/sort.ts\n@@ -1 +1 @@\n-old\n+new\n';
  const plain = ['patch    --- a/sort.ts', '+++ b/sort.ts', '@@ -1 +1 @@', '-old', '+new'].join('\n         ');
  const onTerminal = capture(true);
  printDiff(onTerminal.screen, diff);
  expect(onTerminal.text()).toContain('\u001b[32m+new\u001b[0m');
  for (const { screen, text } of [capture(false), capture(true, { NO_COLOR: '1' })]) {
    printDiff(screen, diff);
    expect(text()).toBe(`\n${plain}\n`);
  }
});
