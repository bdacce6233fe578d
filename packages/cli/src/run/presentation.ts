import type { Writable } from 'node:stream';
import type { Patch, Session, SessionEvent, Turn, UserMessageSubmission } from '@parleyhq/client';
import { printError } from '../print-error.js';
import type { Screen } from '../terminal/screen.js';
import { writeJsonLine } from './json-lines.js';
import { showDiff, showPatchSummary } from './view/show-diff.js';
import { createTurnView } from './view/turn-view.js';

type Delivery = NonNullable<UserMessageSubmission['delivery']>;

/** Shows a run, to a person or to a program. */
export interface Presentation {
  /** `delivery`: what becomes of the message while another turn runs. */
  begin(session: Session, turn: Turn, delivery: Delivery): void;
  /** Resolves when the output has room for more. */
  show(event: SessionEvent): void | Promise<void>;
  showPatch(patch: Patch): void;
  /** Does not show the diffs of these tool calls again. */
  hideDiffs(itemIds: readonly string[]): void;
  /** Shows a message that comes from no event. */
  tell(what: string): void;
  /** `kept`: whether the session goes on after the run. */
  end(session: Session, kept: boolean): void;
}

/** What becomes of the message while another turn runs. */
const MEANWHILE: Readonly<Record<Delivery, string>> = {
  queue: 'yours comes after it',
  steer: 'the agent is asked to take your message into it',
  interrupt: 'it is interrupted, and yours is next',
};

/** For people: text as it streams, everything else shortened. */
export function presentToPerson(screen: Screen): Presentation {
  let view: ReturnType<typeof createTurnView> | undefined;

  function tell(what: string): void {
    screen.block('notices');
    screen.longLine([{ text: `! ${what}`, style: 'yellow' }]);
  }

  return {
    begin({ info }, turn, delivery) {
      view = createTurnView(screen, turn.id);
      screen.block('header');
      screen.line([
        { text: `${info.agent} · ${info.cwd}${info.workspace === 'isolated' ? ' (a copy)' : ''}`, style: 'dim' },
      ]);
      if (info.turn_id !== null) tell(`Another turn is running in this session; ${MEANWHILE[delivery]}.`);
    },
    show: (event) => view?.show(event),
    showPatch(patch) {
      screen.block(patch.patch_id);
      showPatchSummary(screen, patch);
      showDiff(screen, patch.diff, { whole: true });
    },
    hideDiffs: (itemIds) => view?.hideDiffs(itemIds),
    tell,
    end(session, kept) {
      screen.endLine();
      if (kept)
        screen.longLine([{ text: `The session goes on: parley run --session ${session.id} "…"`, style: 'dim' }]);
    },
  };
}

/** For programs: `output` gets only the `event` frames. Messages go to standard error. */
export function presentAsJson(output: Writable, signal: AbortSignal): Presentation {
  const ignore = () => undefined;
  return {
    begin: ignore,
    show: (event) => writeJsonLine(output, event, signal),
    showPatch: ignore,
    hideDiffs: ignore,
    tell: printError,
    end: ignore,
  };
}
