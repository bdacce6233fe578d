import type { IncomingMessage } from 'node:http';
import type { WireAnswer } from './exchange.js';

/** Reads the whole answer. */
export async function readAnswer(response: IncomingMessage): Promise<WireAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const entries = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
  return { status: response.statusCode ?? 0, headers: new Map(entries), body: Buffer.concat(chunks) };
}
