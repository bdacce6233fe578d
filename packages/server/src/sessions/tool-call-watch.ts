import type { Event } from '@parleyhq/contract';

/** Reports when tool calls have ended: completed, failed, or ended with their turn. */
export interface ToolCallWatch {
  /**
   * Resolves when all of these items have ended. Without a running turn, they have, and it resolves at once.
   *
   * @returns whether none of them is known to have failed, or ended without a word
   */
  ended(itemIds: readonly string[]): Promise<boolean>;
  /** To be called with events, in their order. */
  see(events: readonly Event[]): void;
  /** To be called when a turn begins. */
  begin(): void;
  /** To be called when a turn ends: all its tool calls have ended too. */
  endAll(): void;
}

/** Watches the tool calls of one session. */
export function createToolCallWatch(): ToolCallWatch {
  const waiting = new Map<string, ((succeeded: boolean) => void)[]>();
  let working = false;

  function end(itemId: string, succeeded: boolean): void {
    for (const resolve of waiting.get(itemId) ?? []) resolve(succeeded);
    waiting.delete(itemId);
  }

  return {
    begin() {
      working = true;
    },
    async ended(itemIds) {
      if (!working) return false;
      // There may be two waits for one call, since it may ask twice.
      const ends = itemIds.map(
        (id) => new Promise<boolean>((resolve) => waiting.set(id, [...(waiting.get(id) ?? []), resolve])),
      );
      return (await Promise.all(ends)).every(Boolean);
    },
    endAll() {
      working = false;
      for (const itemId of [...waiting.keys()]) end(itemId, false);
    },
    see(events) {
      for (const event of events) {
        const { item_id, status } = statusIn(event) ?? {};
        if (item_id !== undefined) end(item_id, status !== 'failed');
      }
    },
  };
}

/** The item that an event ends, with its status. */
function statusIn(event: Event): { readonly item_id: string; readonly status: string | undefined } | undefined {
  if (event.type === 'item_completed') {
    const { item } = event;
    return { item_id: item.item_id, status: item.type === 'tool_call' ? item.status : undefined };
  }
  if (event.type !== 'item_updated') return undefined;
  const { status } = event.changes;
  return status === 'completed' || status === 'failed' ? { item_id: event.item_id, status } : undefined;
}
