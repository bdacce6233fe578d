/** One stored value. */
export interface StoredValue {
  readonly key: string;
  readonly value: unknown;
}

/** Small durable records that are not events, such as logins. Values are JSON. */
export interface KeyValueStore {
  /** Stores a value, durable when it resolves; it is gone after `expiresAt` (milliseconds since the epoch). */
  put(kind: string, key: string, value: unknown, expiresAt?: number): Promise<void>;
  /** The value, or undefined if there is none or it has expired. */
  get(kind: string, key: string): Promise<unknown>;
  /** Removes a value and says whether there was one. */
  delete(kind: string, key: string): Promise<boolean>;
  /** All values of a kind that have not expired, by key. */
  list(kind: string): Promise<readonly StoredValue[]>;
}
