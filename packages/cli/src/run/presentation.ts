import type { Writable } from 'node:stream';
import type { Patch, Session, SessionEvent, Turn } from '@parleyhq/client';
import type { Screen } from '../terminal/screen.js';
import { writeJsonLine } from './json-lines.js';
import { showDiff, showPatchSummary } from './view/show-diff.js';
import { createTurnView } from './view/turn-view.js';

/** How a run is shown: to a person, or to a program. */
export interface Presentation {
  begin(session: Session, turn: Turn): void;
  /** Resolves when there is room for more. */
  show(event: SessionEvent): void | Promise<void>;
  showPatch(patch: Patch): void;
  /** The diffs of these tool calls have been shown. */
  hideDiffs(itemIds: readonly string[]): void;
  /** Something that the events do not say. */
  tell(what: string): void;
  /** `kept`: the session is still there. */
  end(session: Session, kept: boolean): void;
}

/** For people: text as it streams, the rest in short. */
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
      if (info.turn_id !== null) tell('Another turn runs in this session; yours follows.');
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

/** For programs: standard output has the `event` frames and nothing else. */
export function presentAsJson(
  output: Writable,
  errors: Writable,
  safe: (text: string) => string,
  signal: AbortSignal,
): Presentation {
  const ignore = () => undefined;
  return {
    begin: ignore,
    show: (event) => writeJsonLine(output, event, signal),
    showPatch: ignore,
    hideDiffs: ignore,
    tell: (what) => void errors.write(`parley: ${safe(what)}\n`),
    end: ignore,
  };
}
