import type { Logger } from 'pino';
import type { QueuedMessage } from '../journal/fold.js';
import type { AgentSlot } from './agent-slot.js';
import type { RunningTurn } from './running-turn.js';
import { failed, INTERRUPTED, type TurnEnd } from './turn-end.js';

/** What the turn of a message needs. */
export interface MessageTurnParts {
  readonly slot: AgentSlot;
  readonly logger: Logger;
  /** Called when the agent runs, before it gets the message. */
  readonly begin: () => void;
}

/** Gives the agent a message, and resolves with how its turn ended. Never rejects. */
export async function runMessageTurn(
  turn: RunningTurn,
  { turnId, content }: QueuedMessage,
  { slot, logger, begin }: MessageTurnParts,
): Promise<TurnEnd> {
  try {
    if (turn.decided !== undefined) return turn.decided;
    const agent = await slot.ensure();
    if (turn.decided !== undefined) return turn.decided;
    if (turn.interrupted) return INTERRUPTED;
    begin();
    const result = await agent.prompt({ turnId, content });
    if (turn.decided !== undefined) return turn.decided;
    const usage = result.usage === undefined ? {} : { usage: result.usage };
    if (result.stopReason === 'cancelled' && turn.interrupted) return { ...INTERRUPTED, ...usage };
    return { status: result.status, cause: result.cause, ...usage };
  } catch (error) {
    if (turn.decided !== undefined) return turn.decided;
    if (turn.interrupted) return INTERRUPTED;
    // Without this: has no end for a turn whose agent has died
    logger.warn({ err: error, turn_id: turnId }, 'the turn failed');
    return failed(error);
  }
}
