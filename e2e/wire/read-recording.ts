import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../shared/wire/parse-answers.js';
import { parseAnswer } from '../shared/wire/parse-answers.js';
import { type Frame, parseFrames } from '../shared/wire/parse-frames.js';

/** A recorded request. */
export interface RecordedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether it was complete. */
  readonly complete: boolean;
}

/** A request with its answer; without one if the client disconnected before. */
export interface Exchange {
  /** The suite that sent it. */
  readonly suite: string;
  readonly request: RecordedRequest;
  readonly answer: Answer | undefined;
}

/** An accepted WebSocket connection. */
export interface Connection {
  readonly suite: string;
  readonly target: string;
  readonly server: readonly Frame[];
  readonly client: readonly Frame[];
}

/** The recorded traffic of the suites. */
export interface Recording {
  readonly exchanges: readonly Exchange[];
  readonly connections: readonly Connection[];
  /** Answers to bytes that were refused before they were parsed as a request. */
  readonly refusals: readonly { readonly suite: string; readonly answer: Answer }[];
}

type Line =
  | { readonly kind: 'request'; readonly request: RawRequest; readonly answer: RawAnswer }
  | { readonly kind: 'upgrade'; readonly id: string; readonly request: RawRequest }
  | { readonly kind: 'bytes'; readonly id: string; readonly from: 'client' | 'server'; readonly bytes: string }
  | { readonly kind: 'refusal'; readonly id: string; readonly bytes: string };

interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly complete?: boolean;
}

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | readonly string[]>>;
  readonly body: string;
  readonly complete: boolean;
}

interface Upgrade {
  readonly request: RecordedRequest;
  readonly client: Buffer[];
  readonly server: Buffer[];
}

/** Reads what `record.mjs` has written below a folder, in which each suite has a folder of its own. */
export function readRecording(folder: string): Recording {
  const exchanges: Exchange[] = [];
  const connections: Connection[] = [];
  const refusals: { suite: string; answer: Answer }[] = [];
  for (const suite of readdirSync(folder)) {
    const upgrades = new Map<string, Upgrade>();
    const refused = new Map<string, Buffer>();
    for (const line of readLines(join(folder, suite))) {
      if (line.kind === 'request') exchanges.push({ suite, ...readExchange(line.request, line.answer) });
      if (line.kind === 'upgrade')
        upgrades.set(line.id, { request: readRequest(line.request), client: [], server: [] });
      if (line.kind === 'bytes') upgrades.get(line.id)?.[line.from].push(Buffer.from(line.bytes, 'base64'));
      if (line.kind === 'refusal') {
        refused.set(
          line.id,
          Buffer.concat([refused.get(line.id) ?? Buffer.alloc(0), Buffer.from(line.bytes, 'base64')]),
        );
      }
    }
    for (const bytes of refused.values()) {
      const parsed = parseAnswer(bytes, 'GET', true);
      if (parsed !== undefined) refusals.push({ suite, answer: parsed.answer });
    }
    for (const { request, client, server } of upgrades.values()) {
      const parsed = parseAnswer(Buffer.concat(server), request.method, true);
      if (parsed?.answer.status !== 101) exchanges.push({ suite, request, answer: parsed?.answer });
      else {
        const frames = { server: parseFrames(parsed.rest).frames, client: parseFrames(Buffer.concat(client)).frames };
        connections.push({ suite, target: request.target, ...frames });
      }
    }
  }
  return { exchanges, connections, refusals };
}

function readLines(folder: string): Line[] {
  return readdirSync(folder).flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    // A killed process may have written only half of its last line.
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  });
}

function readRequest({ method, target, headers, body = '', complete = true }: RawRequest): RecordedRequest {
  return { method, target, headers, body: Buffer.from(body, 'base64'), complete };
}

function readExchange(raw: RawRequest, { status, headers, body, complete }: RawAnswer): Omit<Exchange, 'suite'> {
  const request = readRequest(raw);
  // A body that is written although the answer has none is not sent.
  const hasBody = request.method !== 'HEAD' && status !== 204;
  const answer = {
    status,
    headers: new Map(
      Object.entries(headers).map(
        ([name, value]) => [name.toLowerCase(), [value].flat().at(-1) ?? ''].map(String) as [string, string],
      ),
    ),
    body: hasBody ? Buffer.from(body, 'base64') : Buffer.alloc(0),
  };
  return { request, answer: complete ? answer : undefined };
}
