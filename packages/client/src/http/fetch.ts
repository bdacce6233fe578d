/**
 * A function like `fetch`. It gets the address as a string and never a `Request`, so that it may come from a library with its
 * own classes, such as undici or node-fetch. It is called as a plain function, which browsers require.
 */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** How to send a request: the part of `RequestInit` that the SDK always sets. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** `no-store` unless the call says otherwise: otherwise frameworks such as Next would cache the answer forever. */
  readonly cache: 'default' | 'force-cache' | 'no-cache' | 'no-store' | 'only-if-cached' | 'reload';
  /** `manual` unless the call says otherwise: the SDK follows redirects itself. */
  readonly redirect: 'error' | 'follow' | 'manual';
}

/** What the SDK reads from an answer: the part of `Response` that all libraries have. */
export interface FetchResponse {
  readonly status: number;
  readonly statusText: string;
  readonly type: string;
  readonly url: string;
  readonly redirected: boolean;
  readonly headers: {
    get(name: string): string | null;
    forEach(callback: (value: string, name: string) => void): void;
  };
  arrayBuffer(): Promise<ArrayBuffer>;
}
