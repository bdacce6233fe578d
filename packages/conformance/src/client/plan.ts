/** An answer in place of the upgrade. */
export interface Refusal {
  readonly status: number;
  /** Of the contract's errors; without one the answer is a page of HTML, as a proxy has it. */
  readonly code?: string;
  /** In seconds. */
  readonly retryAfter?: number;
}

/** What becomes of a handshake: an answer in its place, an end of the line without any, or a connection. */
export type Plan =
  | { readonly refuse: Refusal }
  | { readonly hangUp: true }
  | {
      readonly steps: readonly Step[];
      /** What the ack says otherwise than by default. */
      readonly ack?: Readonly<Record<string, unknown>>;
      /** Whether the token that the client has is good no longer once this has ended, and another one is. */
      readonly endsCredential?: boolean;
    };

/** One thing that the server does on a connection, after its ack. */
export type Step =
  /** Sends the next events, a frame each. */
  | { readonly send: number | 'rest' }
  /** Sends events again that have been sent. */
  | { readonly repeat: number }
  /** Goes back behind the first event, whatever the client has asked for. */
  | { readonly rewind: true }
  /** Leaves events out. */
  | { readonly skip: number }
  /** Sends the next event with its id changed to this. */
  | { readonly mangleId: unknown }
  /** Sends a text frame that is no event of the log. */
  | { readonly text: string }
  /** Sends a binary frame. */
  | { readonly binary: string }
  /** Sends the next event in pieces cut at bytes by chance. */
  | { readonly pieces: number }
  /** Sends the next event as so many fragments of WebSocket. */
  | { readonly fragments: number }
  /** Sends the next event up to a byte by chance, and cuts the line. */
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
  /** Says nothing any more, and leaves the line open until the client cuts it. */
  | { readonly silence: true };

/** Everything after the cursor, and the end of the session. */
export const SERVE: Plan = { steps: [{ send: 'rest' }, { close: 1000 }] };
