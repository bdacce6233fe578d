import type { Event } from '@parleyhq/contract';

/** Tells when tool calls have ended: completed, failed, or cut off with their turn. */
export interface ToolCallWatch {
  /** Resolves when all of these items have ended; at once while no turn runs, since then they all have. */
  ended(itemIds: readonly string[]): Promise<void>;
  /** Takes notice of events, in their order. */
  see(events: readonly Event[]): void;
  /** The agent has a turn to work on. */
  begin(): void;
  /** The agent is done with the turn, and so is every tool call. */
  endAll(): void;
}

/** Watches the tool calls of one session. */
export function createToolCallWatch(): ToolCallWatch {
  const waiting = new Map<string, (() => void)[]>();
  let working = false;

  function end(itemId: string): void {
    for (const resolve of waiting.get(itemId) ?? []) resolve();
    waiting.delete(itemId);
  }

  return {
    begin() {
      working = true;
    },
    async ended(itemIds) {
      if (!working) return;
      // One call may ask twice, and so be waited for twice.
      await Promise.all(
        itemIds.map((id) => new Promise<void>((resolve) => waiting.set(id, [...(waiting.get(id) ?? []), resolve]))),
      );
    },
    endAll() {
      working = false;
      for (const itemId of [...waiting.keys()]) end(itemId);
    },
    see(events) {
      for (const event of events) {
        if (event.type === 'item_completed') end(event.item.item_id);
        else if (event.type === 'item_updated' && isEnd(event.changes.status)) end(event.item_id);
      }
    },
  };
}

function isEnd(status: string | undefined): boolean {
  return status === 'completed' || status === 'failed';
}
