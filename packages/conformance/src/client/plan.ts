/** An answer instead of the upgrade. */
export interface Refusal {
  readonly status: number;
  /** A code of the contract. Without one the answer is an HTML page, as a proxy would send it. */
  readonly code?: string;
  /** In seconds. */
  readonly retryAfter?: number;
}

/** What the server does with a handshake: it refuses it, cuts the line without an answer, or connects. */
export type Plan =
  | { readonly refuse: Refusal }
  | { readonly hangUp: true }
  | {
      readonly steps: readonly Step[];
      /** Fields of the ack that differ from the default. */
      readonly ack?: Readonly<Record<string, unknown>>;
      /** Whether the client's token ends before the last step. If the script has `renews`, a new token replaces it. */
      readonly endsCredential?: boolean;
    };

/** One thing that the server does on a connection, after its ack. */
export type Step =
  /** Sends the next events, each in one frame. */
  | { readonly send: number | 'rest' }
  /** Sends the last events again. */
  | { readonly repeat: number }
  /** Goes back to the first event, whatever cursor the client has asked for. */
  | { readonly rewind: true }
  /** Leaves events out. */
  | { readonly skip: number }
  /** Sends the next event with its id changed to this. */
  | { readonly mangleId: unknown }
  /** Sends a text frame that is not an event of the log. */
  | { readonly text: string }
  /** Sends a binary frame. */
  | { readonly binary: string }
  /** Sends the next event in pieces, cut at random bytes. */
  | { readonly pieces: number }
  /** Sends the next event as this many WebSocket fragments. */
  | { readonly fragments: number }
  /** Sends the next event up to a random byte, then cuts the line. */
  | { readonly truncate: true }
  /** Waits, in milliseconds. */
  | { readonly pause: number }
  /** Waits until the client has printed every event that was sent. */
  | { readonly printed: true }
  /** Pings, and waits for the pong. */
  | { readonly ping: true }
  /** Ends with a close code; `none` for a close frame without one. */
  | { readonly close: number | 'none' }
  /** Cuts the line. */
  | { readonly cut: true }
  /** Sends nothing more, and leaves the line open until the client cuts it. */
  | { readonly silence: true };

/** Sends everything after the cursor, then closes the session. */
export const SERVE: Plan = { steps: [{ send: 'rest' }, { close: 1000 }] };
