import type { WireRequest } from './exchange.js';

/** Characters of a body that a line shows; what is longer is cut. */
const MOST = 2_000;

/** A line for a shell that repeats a request. Credentials are variables: `$PARLEY_TOKEN`. */
export function toCurl({ origin, method, path, headers, body }: WireRequest): string {
  const url = quote(`${origin}${path}`);
  const parts = ['curl', '-i', ...(method === 'HEAD' ? ['-I'] : ['-X', method]), '--path-as-is', url];
  for (const [name, value] of Object.entries(headers)) {
    const secret = /^authorization$/i.test(name) && value.startsWith('Bearer $');
    parts.push('-H', secret ? `"${name}: ${value}"` : quote(value === '' ? `${name};` : `${name}: ${value}`));
  }
  if (body !== undefined) {
    const text = body.toString('utf8');
    const data = text.length > MOST ? `${text.slice(0, MOST)}… (${Buffer.byteLength(body)} bytes)` : text;
    parts.push('--data-binary', quote(data));
  }
  return parts.join(' ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
