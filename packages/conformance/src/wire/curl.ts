import type { WireRequest } from './exchange.js';

/** The most characters of a body that a command shows. Longer bodies are cut. */
const MAX_BODY = 2_000;

/** A shell command that repeats a request. Credentials are variables, for example `$PARLEY_TOKEN`. */
export function toCurl({ origin, method, path, headers, body }: WireRequest): string {
  const url = quote(`${origin}${path}`);
  const parts = ['curl', '-i', ...(method === 'HEAD' ? ['-I'] : ['-X', method]), '--path-as-is', url];
  for (const [name, value] of Object.entries(headers)) {
    const secret = /^authorization$/i.test(name) && value.startsWith('Bearer $');
    parts.push('-H', secret ? `"${name}: ${value}"` : quote(value === '' ? `${name};` : `${name}: ${value}`));
  }
  if (body !== undefined) {
    const text = body.toString('utf8');
    const data = text.length > MAX_BODY ? `${text.slice(0, MAX_BODY)}… (${Buffer.byteLength(body)} bytes)` : text;
    parts.push('--data-binary', quote(data));
  }
  return parts.join(' ');
}

/** A text as one word of a shell command. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
