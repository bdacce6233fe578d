import type { Writable } from 'node:stream';
import type { Patch, Session, SessionEvent, Turn } from '@parleyhq/client';
import { printError } from '../print-error.js';
import type { Screen } from '../terminal/screen.js';
import { writeJsonLine } from './json-lines.js';
import { showDiff, showPatchSummary } from './view/show-diff.js';
import { createTurnView } from './view/turn-view.js';

/** Shows a run, to a person or to a program. */
export interface Presentation {
  begin(session: Session, turn: Turn): void;
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

/** For people: text as it streams, everything else shortened. */
export function presentToPerson(screen: Screen): Presentation {
  let view: ReturnType<typeof createTurnView> | undefined;

  function tell(what: string): void {
    screen.block('notices');
    screen.longLine([{ text: `! ${what}`, style: 'yellow' }]);
  }

  return {
    begin({ info }, turn) {
      view = createTurnView(screen, turn.id);
      screen.block('header');
      screen.line([
        { text: `${info.agent} · ${info.cwd}${info.workspace === 'isolated' ? ' (a copy)' : ''}`, style: 'dim' },
      ]);
      if (info.turn_id !== null) tell('Another turn is running in this session; yours comes after it.');
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
