import { type Agent, AgentError } from '@parleyhq/agents';
import type { Logger } from 'pino';
import { endOwnTurn, type RunningTurn } from './running-turn.js';
import { failed, SUBMISSION_STARTED, type TurnEnd } from './turn-end.js';

/** The wishes of an agent to begin a turn: it has at most one at a time, and waits for the answer. */
export interface Wishes {
  /** Whether the agent waits for a turn. */
  readonly isWaiting: boolean;
  /** Resolves with the id of the turn that is granted, or with undefined. */
  add(): Promise<string | undefined>;
  /** Answers the wish, if there is one. */
  grant(turnId: string | undefined): void;
}

/** Creates an empty place for a wish. */
export function createWishes(): Wishes {
  let answer: ((turnId: string | undefined) => void) | undefined;
  let turnId: Promise<string | undefined> | undefined;
  return {
    get isWaiting() {
      return answer !== undefined;
    },
    add() {
      turnId ??= new Promise((resolve) => {
        answer = resolve;
      });
      return turnId;
    },
    grant(id) {
      const granted = answer;
      answer = undefined;
      turnId = undefined;
      granted?.(id);
    },
  };
}

/** What a turn of the agent's own needs. */
export interface OwnTurnParts {
  readonly agent: Agent;
  readonly logger: Logger;
  /** Tells the agent, and whoever watches it, that the turn has begun. */
  readonly begin: () => void;
  /** Whether a message waits for the end of the turn. */
  readonly isMessageWaiting: () => boolean;
}

/** Runs a turn that the agent has begun, until it is silent, is given a message, is interrupted or has ended. */
export async function runOwnTurn(turn: RunningTurn, parts: OwnTurnParts): Promise<TurnEnd> {
  const { agent, logger } = parts;
  void agent.exited.then((exit) => endOwnTurn(turn, failed(new AgentError('exit', 'The agent has ended.', exit))));
  parts.begin();
  // Without this: keeps a message waiting until the agent is silent
  if (parts.isMessageWaiting()) endOwnTurn(turn, SUBMISSION_STARTED);
  const end = await turn.whenDecided;
  await agent.endTurn(end.status !== 'completed').catch((err: unknown) => logger.warn({ err }, 'the agent has ended'));
  return end;
}
