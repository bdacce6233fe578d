/** The bytes that a server holds at the same time for many clients, with a bound for each of them and for all. */
export interface ByteBudget {
  /** Whether as many bytes more may be held for a client. */
  fits(client: string, bytes: number): boolean;
  /** Counts bytes as held, or, if they are negative, as no longer held. */
  add(client: string, bytes: number): void;
}

/** Creates a budget of which nothing is used. */
export function createByteBudget(most: { readonly inAll: number; readonly each: number }): ByteBudget {
  const byClient = new Map<string, number>();
  let all = 0;
  const heldFor = (client: string) => byClient.get(client) ?? 0;
  return {
    // Without this: lets one client, or all together, fill the memory
    fits: (client, bytes) => heldFor(client) + bytes <= most.each && all + bytes <= most.inAll,
    add(client, bytes) {
      all += bytes;
      const held = heldFor(client) + bytes;
      if (held > 0) byClient.set(client, held);
      else byClient.delete(client);
    },
  };
}
