import { randomUUID } from 'node:crypto';
import type { AgentEvent } from '../agent-event.js';
import { createUpdateMapper } from './map-update.js';
import { type Raw, readText } from './read.js';

/** One turn of a session that the agent has taken up, as far as it tells. */
export interface HistoryTurn {
  readonly turnId: string;
  /** Its items, each marked as imported, with their beginning and their end. */
  readonly events: readonly AgentEvent[];
}

/** What an agent tells of a session that it has taken up. */
export interface History {
  readonly turns: readonly HistoryTurn[];
  readonly title?: string;
  /** Whether earlier turns, or the beginning of a long one, are left out. */
  readonly isCut: boolean;
}

/** How much of a history is kept: events, and their characters as JSON. */
export interface HistoryBounds {
  readonly events: number;
  readonly size: number;
}

/** Collects what an agent repeats. */
export interface HistoryReader {
  /** To be called with each update that it repeats, in order. */
  take(update: Raw): void;
  /** All that was taken. What comes later is left out. */
  read(): History;
}

const BOUNDS: HistoryBounds = { events: 5_000, size: 4 * 1024 * 1024 };

/** Starts an empty history. A message of the user begins a turn. When there is too much, the oldest is left out. */
export function createHistoryReader({ events: mostEvents, size: mostSize }: HistoryBounds = BOUNDS): HistoryReader {
  const mapper = createUpdateMapper();
  const turns: { turnId: string; events: AgentEvent[]; size: number }[] = [];
  const room = { events: mostEvents, size: mostSize };
  let title: string | undefined;
  let isCut = false;
  let isOver = false;
  /** The message of the user that is being told: its id, where the agent gives one. */
  let message: { readonly id: string | undefined } | undefined;

  const keep = (events: readonly AgentEvent[]) => {
    const turn = turns.at(-1);
    if (turn === undefined) return;
    for (const event of events) {
      const marked = imported(event);
      const length = JSON.stringify(marked).length;
      turn.events.push(marked);
      turn.size += length;
      room.events -= 1;
      room.size -= length;
    }
  };
  const drop = () => {
    // Without this: keeps all that an agent tells of a session
    while (turns.length > 1 && (room.events < 0 || room.size < 0)) {
      const oldest = turns.shift();
      room.events += oldest?.events.length ?? 0;
      room.size += oldest?.size ?? 0;
      isCut = true;
    }
  };
  const begin = () => {
    keep(mapper.endTurn(false));
    drop();
    const turnId = randomUUID();
    turns.push({ turnId, events: [], size: 0 });
    mapper.startTurn(turnId, 'agent');
  };

  return {
    take(update) {
      if (isOver) return;
      if (update.sessionUpdate === 'session_info_update') {
        title = readText(update.title, 200) || title;
        return;
      }
      const id = readText(update.messageId);
      const isUsers = update.sessionUpdate === 'user_message_chunk';
      const goesOn = message !== undefined && (id === undefined || id === message.id);
      const turn = turns.at(-1);
      const isLong = turn !== undefined && (turn.events.length > mostEvents / 2 || turn.size > mostSize / 2);
      if (turn === undefined || isLong || (isUsers && !goesOn)) begin();
      message = isUsers ? { id } : undefined;
      keep(mapper.map(update));
    },
    read() {
      isOver = true;
      keep(mapper.endTurn(false));
      drop();
      return {
        turns: turns.filter(({ events }) => events.length > 0).map(({ turnId, events }) => ({ turnId, events })),
        ...(title !== undefined && { title }),
        isCut,
      };
    },
  };
}

/** The event, with its item marked: it happened before the session. */
function imported(event: AgentEvent): AgentEvent {
  // Without this: shows what happened before a session as something of it
  if (event.type === 'item_started' || event.type === 'item_completed') {
    return { ...event, item: { ...event.item, imported: true } };
  }
  return event;
}
