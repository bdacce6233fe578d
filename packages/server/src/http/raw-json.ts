/** A body that is already JSON text. It is sent as it is. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Makes a body from the JSON text of a `Body`: stored bytes are sent without being parsed and serialised again. The type
 * cannot check the text, so the tests of the handler validate it.
 */
export function rawJson<Body>(text: string): Body {
  return new RawJson(text) as never;
}
