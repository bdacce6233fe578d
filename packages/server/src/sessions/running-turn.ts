import type { TurnCompletedEvent } from '@parleyhq/contract';
import type { TurnEnd } from './turn-end.js';

/** The turn that runs: that of a message, or one that the agent began. */
export interface RunningTurn {
  /** The names of the turn, as its events carry them. */
  readonly of: Pick<TurnCompletedEvent, 'turn_id' | 'submission_id' | 'origin'>;
  /** How it ends once the agent obeys: it has been told to cancel, by an interrupt or since the budget is spent. */
  cancelled: TurnEnd | undefined;
  /** The end that the server has decided on. It replaces what the agent reports. */
  readonly decided: TurnEnd | undefined;
  /** Resolves with `decided` once there is one. */
  readonly whenDecided: Promise<TurnEnd>;
  /** Decides on the end of the turn. Only the first decision counts. */
  decide(end: TurnEnd): void;
}

/** Creates the state of a turn that begins. */
export function createRunningTurn(of: RunningTurn['of']): RunningTurn {
  let decided: TurnEnd | undefined;
  let resolve: (end: TurnEnd) => void = () => undefined;
  const whenDecided = new Promise<TurnEnd>((resolveWith) => {
    resolve = resolveWith;
  });
  return {
    of,
    cancelled: undefined,
    whenDecided,
    get decided() {
      return decided;
    },
    decide(end) {
      decided ??= end;
      resolve(decided);
    },
  };
}

/** Ends a turn that the agent began. One that was cancelled ends so. */
export function endOwnTurn(turn: RunningTurn | undefined, end: TurnEnd): void {
  if (turn?.of.origin === 'agent') turn.decide(turn.cancelled ?? end);
}
