/**
 * A function such as `fetch`. It is called with the address as a string and never with a `Request`, so that it may come
 * from another library with classes of its own, such as undici or node-fetch; and as a plain function, as browsers want it.
 */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** How a `Fetch` is to send a request: the part of `RequestInit` that the SDK always gives. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** `no-store` unless the call says otherwise: frameworks such as Next would else keep the answer for ever. */
  readonly cache: 'default' | 'force-cache' | 'no-cache' | 'no-store' | 'only-if-cached' | 'reload';
  /** `manual` unless the call says otherwise: the SDK follows redirects itself. */
  readonly redirect: 'error' | 'follow' | 'manual';
}

/** What the SDK reads of an answer: the part of `Response` that the libraries have in common. */
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
