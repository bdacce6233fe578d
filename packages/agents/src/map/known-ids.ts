/** What is remembered of a tool call of an earlier turn. */
export interface EarlierCall {
  readonly title: string;
  readonly kind: string;
  /** Whether the agent itself has ended it. */
  readonly saidEnd: boolean;
}

/** The agent's own ids of what it said and did in the turns that have ended. */
export interface KnownIds {
  readonly calls: ReadonlyMap<string, EarlierCall>;
  readonly messages: ReadonlySet<string>;
  add(calls: Iterable<readonly [id: string, call: EarlierCall]>, messages: Iterable<string>): void;
}

/** So many ids of each kind are remembered; then the oldest are forgotten. */
const MAX_IDS = 1_000;

/** Knows nothing yet. */
export function createKnownIds(): KnownIds {
  const calls = new Map<string, EarlierCall>();
  const messages = new Set<string>();
  return {
    calls,
    messages,
    add(ended, said) {
      for (const [id, call] of ended) {
        calls.delete(id);
        calls.set(id, call);
      }
      for (const id of said) {
        messages.delete(id);
        messages.add(id);
      }
      forgetOldest(calls);
      forgetOldest(messages);
    },
  };
}

function forgetOldest(ids: Map<string, unknown> | Set<string>): void {
  for (const id of ids.keys()) {
    if (ids.size <= MAX_IDS) return;
    ids.delete(id);
  }
}
