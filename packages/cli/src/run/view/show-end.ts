import type { TurnCompletedEvent, Usage } from '@parleyhq/client';
import { foldLines, printedLinesOf } from '../../terminal/fold-lines.js';
import type { Screen } from '../../terminal/screen.js';

const STDERR_FOLD = { head: 0, tail: 10 };

/** Shows how a turn ended, why, and what it used. */
export function showEnd(screen: Screen, { status, cause, error }: TurnCompletedEvent, usage: Usage): void {
  screen.block('end');
  if (cause === 'steered') return screen.line([{ text: '✓ taken into the turn that runs', style: 'green' }]);
  const used = describeUsage(usage);
  if (status === 'completed') {
    screen.line([
      { text: '✓ completed', style: 'green' },
      { text: used === '' ? '' : ` · ${used}`, style: 'dim' },
    ]);
    return;
  }
  const why = error?.message ?? (cause === 'budget' ? 'the budget of the session is spent' : undefined);
  screen.longLine([
    { text: `✗ ${status}`, style: status === 'interrupted' ? 'yellow' : 'red' },
    { text: `${cause === status ? '' : ` (${cause})`}${why === undefined ? '' : `: ${why}`}` },
  ]);
  for (const line of foldLines(
    printedLinesOf(error?.stderr_tail ?? ''),
    STDERR_FOLD,
    (count) => `… ${count} lines folded …`,
  )) {
    screen.line([{ text: `  │ ${line}`, style: 'dim' }]);
  }
  if (used !== '') screen.line([{ text: used, style: 'dim' }]);
}

function describeUsage(usage: Usage): string {
  const { context_used, context_size, input_tokens, output_tokens, total_tokens, cost_amount, cost_currency } = usage;
  const parts: (string | false | undefined)[] = [
    context_used !== undefined &&
      `${number(context_used)}${context_size === undefined ? '' : ` of ${number(context_size)}`} tokens of context`,
    input_tokens !== undefined && `${number(input_tokens)} tokens in`,
    output_tokens !== undefined && `${number(output_tokens)} tokens out`,
    input_tokens === undefined && total_tokens !== undefined && `${number(total_tokens)} tokens`,
    cost_amount !== undefined && `${cost_amount.toFixed(4)} ${cost_currency ?? ''}`.trim(),
  ];
  return parts.filter((part) => typeof part === 'string').join(' · ');
}

function number(value: number): string {
  return value.toLocaleString('en');
}
