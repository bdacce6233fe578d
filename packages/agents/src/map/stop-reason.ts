import type { TurnCause, TurnStatus } from '@parleyhq/contract';
import type { StopReason } from '../agent.js';

const RESULTS: Readonly<Record<StopReason, { readonly status: TurnStatus; readonly cause: TurnCause }>> = {
  end_turn: { status: 'completed', cause: 'end_turn' },
  cancelled: { status: 'interrupted', cause: 'cancelled_by_agent' },
  refusal: { status: 'refused', cause: 'refusal' },
  max_tokens: { status: 'limit_reached', cause: 'max_tokens' },
  max_turn_requests: { status: 'limit_reached', cause: 'max_turn_requests' },
};

/** Maps the stop reason of a turn; `undefined` for one that ACP does not define. */
export function mapStopReason(stopReason: string) {
  // Without this: takes the name of what every object has for a reason
  if (!Object.hasOwn(RESULTS, stopReason)) return undefined;
  const known = stopReason as StopReason;
  return { stopReason: known, ...RESULTS[known] };
}
