import type { Logger } from 'pino';
import type { QueuedMessage } from '../journal/fold.js';
import type { AgentSlot } from './agent-slot.js';
import type { RunningTurn } from './running-turn.js';
import { failed, type TurnEnd } from './turn-end.js';

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
    const early = givenEnd(turn);
    if (early !== undefined) return early;
    begin();
    const result = await agent.prompt({ turnId, content });
    if (turn.decided !== undefined) return turn.decided;
    const cancelled = result.stopReason === 'cancelled' ? turn.cancelled : undefined;
    const { status, cause, usage } = result;
    return { ...(cancelled ?? { status, cause }), ...(usage && { usage }) };
  } catch (error) {
    const given = givenEnd(turn);
    if (given !== undefined) return given;
    // Without this: has no end for a turn whose agent has died
    logger.warn({ err: error, turn_id: turnId }, 'the turn failed');
    return failed(error);
  }
}

/** The end that a turn has whatever becomes of its agent. */
function givenEnd({ decided, cancelled }: RunningTurn): TurnEnd | undefined {
  return decided ?? cancelled;
}
