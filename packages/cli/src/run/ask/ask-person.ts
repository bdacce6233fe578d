import type { Approval, Patch } from '@parleyhq/client';
import type { Span } from '../../terminal/fit-line.js';
import { showDiff, showPatchSummary } from '../view/show-diff.js';
import { showToolCallDetails, toolCallTitle } from '../view/show-tool-call.js';
import type { Answers } from './answers.js';
import { askForm } from './ask-form.js';
import { assignKeys } from './option-keys.js';
import { ESCAPE, type Person } from './person.js';

/** Asks the person at the terminal. Each option that the agent offers has a key. */
export function askPerson({ screen, keyboard }: Person): Answers {
  /** Shows the keys and waits for one. */
  async function choose(question: string, keys: ReadonlyMap<string, string>, signal: AbortSignal): Promise<string> {
    screen.longLine([{ text: `${question}  `, style: 'bold' }, ...[...keys].flatMap(keyOf)]);
    const key = await keyboard.key([...keys.keys()], signal);
    screen.line([{ text: `  ${keys.get(key)}`, style: 'dim' }]);
    return key;
  }

  return {
    async patch(patch: Patch, { always }, signal) {
      screen.block(patch.patch_id);
      showPatchSummary(screen, patch);
      let cut = showDiff(screen, patch.diff, { whole: false });
      for (;;) {
        const keys = new Map([['y', 'apply']]);
        if (always) keys.set('a', 'apply and do not ask again in this session');
        keys.set('n', 'reject');
        if (cut) keys.set('d', 'the whole diff');
        const key = await choose('Apply this patch?', keys, signal);
        if (key === 'y') return 'apply';
        if (key === 'a') return 'always';
        if (key === 'n') return 'reject';
        cut = showDiff(screen, patch.diff, { whole: true });
      }
    },

    async approval(approval: Approval, signal) {
      screen.block(approval.approval_id);
      screen.wrappedLine([{ text: 'May the agent do this? ' }, toolCallTitle(approval.tool_call)]);
      let cut = showToolCallDetails(screen, approval.tool_call, { whole: false });
      const options = assignKeys(approval.options);
      for (;;) {
        const names = new Map([...options].map(([key, { name, kind }]) => [key, name || kind]));
        if (cut) names.set('d', 'all of it');
        const key = await choose('Your answer?', names, signal);
        if (key !== 'd') return options.get(key);
        cut = showToolCallDetails(screen, approval.tool_call, { whole: true });
      }
    },

    elicitation: (elicitation, signal) => askForm({ screen, keyboard }, elicitation, choose, signal),
  };
}

function keyOf([key, name]: [string, string]): Span[] {
  return [{ text: `[${key === ESCAPE ? 'Esc' : key}] `, style: 'cyan' }, { text: `${name}  ` }];
}
