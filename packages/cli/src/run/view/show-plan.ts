import type { KnownEvent } from '@parleyhq/client';
import type { Span, Style } from '../../terminal/fit-line.js';
import { foldLines } from '../../terminal/fold-lines.js';
import type { Screen } from '../../terminal/screen.js';

/** The steps of a plan. */
export type PlanEntries = Extract<KnownEvent, { type: 'plan_updated' }>['entries'];

const SHOWN = { head: 10, tail: 1 };
const MARKS: Readonly<Record<string, readonly [string, Style | undefined]>> = {
  completed: ['✓', 'green'],
  in_progress: ['▸', 'cyan'],
  pending: ['○', 'dim'],
};

/** Shows a plan. A new one is shown whole; later, one line shows the steps that have changed. */
export function showPlan(screen: Screen, entries: PlanEntries, before: PlanEntries | undefined): void {
  const sameSteps =
    before?.length === entries.length && entries.every(({ content }, index) => content === before[index]?.content);
  const done = entries.filter(({ status }) => status === 'completed').length;
  const title: Span = { text: `Plan ${done}/${entries.length}`, style: 'bold' };
  if (sameSteps) {
    const changed = entries.filter(({ status }, index) => status !== before[index]?.status);
    if (changed.length === 0) return;
    screen.block('plan');
    screen.line([title, ...changed.flatMap((entry) => [{ text: '  ' }, ...spansOf(entry)])]);
    return;
  }
  screen.block('plan');
  screen.line([title]);
  const lines = entries.map((entry) => [{ text: '  ' }, ...spansOf(entry)]);
  for (const line of foldLines<Span[]>(lines, SHOWN, (count) => [
    { text: `  … ${count} more steps …`, style: 'dim' },
  ])) {
    screen.line(line);
  }
}

function spansOf({ status, content }: PlanEntries[number]): Span[] {
  const [mark, style] = MARKS[status] ?? ['·', undefined];
  return [{ text: `${mark} `, style }, { text: content }];
}
