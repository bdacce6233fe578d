import type { Event } from '@parleyhq/contract';

/** Reports when tool calls have ended: completed, failed, or ended with their turn. */
export interface ToolCallWatch {
  /** Resolves when all of these items have ended. Without a running turn, they have, and it resolves at once. */
  ended(itemIds: readonly string[]): Promise<void>;
  /** To be called with events, in their order. */
  see(events: readonly Event[]): void;
  /** To be called when a turn begins. */
  begin(): void;
  /** To be called when a turn ends: all its tool calls have ended too. */
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
      // There may be two waits for one call, since it may ask twice.
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
