import { isDeepStrictEqual } from 'node:util';
import type { ClientLine } from './client-line.js';
import type { ClientEnd, ClientProcess } from './client-process.js';
import type { Script } from './client-rule.js';
import type { Handshake } from './scripted-server.js';

/** What was observed in a scenario. */
export interface Observed {
  readonly client: Pick<ClientProcess, 'lines' | 'malformed'>;
  readonly ended: ClientEnd;
  readonly handshakes: readonly Handshake[];
}

/** What the contract requires and what came instead, as phrases. */
export interface Difference {
  readonly expected: string;
  readonly got: string;
}

/** Milliseconds by which a timer may be early. */
const TOLERANCE = 20;

/** The first difference between what the script expects of the client and what it did; undefined if there is none. */
export function judgeClient(script: Script, observed: Observed): Difference | undefined {
  const { malformed } = observed.client;
  if (malformed) return { expected: `${malformed.expected} (see CLIENT.md)`, got: malformed.text.slice(0, 200) };
  return (
    judgeEvents(script, observed) ??
    judgeEnd(script, observed) ??
    judgeHandshakes(script, observed) ??
    judgeStates(script, observed)
  );
}

function judgeEvents({ log, after = 0, expect }: Script, { client, ended }: Observed): Difference | undefined {
  const printed = client.lines.filter((line) => line.kind === 'event' || line.kind === 'unknown');
  const last = after + (expect.events ?? log.length - after);
  for (const [index, line] of printed.entries()) {
    const id = after + index + 1;
    if (line.id !== id || id > last) {
      const expected = id > last ? `no event behind ${last}` : `event ${id}${id === 1 ? ' first' : ` after ${id - 1}`}`;
      return { expected: `${expected}, each once and in order`, got: `event ${line.id}` };
    }
    const { unknown = false, payload, known = payload } = log[id - 1] ?? { payload: {} };
    if (unknown !== (line.kind === 'unknown')) {
      return { expected: `event ${id} as ${unknown ? 'unknown' : 'an event'}`, got: `{"${line.kind}": ${id}}` };
    }
    if (line.kind === 'event' && !contains(line.payload, known)) {
      return { expected: `event ${id} with ${shown(known)}`, got: shown(line.payload) };
    }
  }
  const id = after + printed.length;
  if (id === last) return undefined;
  return { expected: `every event up to ${last}`, got: `none behind ${id}, then ${describeEnd(client.lines, ended)}` };
}

function judgeEnd({ expect }: Script, { client, ended }: Observed): Difference | undefined {
  const { end = 'session_closed', code } = expect;
  const said = client.lines.find((line) => line.kind === 'end');
  const expected = `the end ${end}${code === undefined ? '' : ` with the code ${code}`}`;
  if (said?.end !== end || (code !== undefined && said.code !== code)) {
    return { expected, got: describeEnd(client.lines, ended) };
  }
  if (client.lines.at(-1) !== said) return { expected: `${expected} as the last line`, got: 'more lines behind it' };
  if (ended.timedOut) return { expected: 'a client that exits once it has told its end', got: 'one that went on' };
  if (ended.exitCode === 0) return undefined;
  return { expected: `exit code 0 after the end, whatever it is`, got: String(ended.exitCode) };
}

function judgeHandshakes(script: Script, { handshakes }: Observed): Difference | undefined {
  const { after = 0, expect } = script;
  const count = expect.handshakes ?? script.handshakes.length + 1;
  // A client may learn from a request that it is refused, before any handshake.
  const isRefused = expect.end !== undefined && expect.end !== 'session_closed';
  if (isRefused ? handshakes.length > count : handshakes.length !== count) {
    return { expected: `${isRefused ? 'at most ' : ''}${count} handshakes`, got: String(handshakes.length) };
  }
  let least = after;
  for (const [index, { since, sent, showsToken }] of handshakes.entries()) {
    const exact = index === 0 ? after : expect.since?.[index];
    const low = exact ?? least;
    const high = exact ?? sent;
    if (since === undefined || !(since >= low && since <= high)) {
      const range = low === high ? String(low) : `from ${low} to ${high}`;
      return { expected: `since_event_id ${range} in handshake ${index + 1}`, got: String(since ?? 'none') };
    }
    least = since;
    if (showsToken && expect.hidesToken) {
      return { expected: 'no token in any address', got: `the token in the address of handshake ${index + 1}` };
    }
  }
  const waited = Math.round(handshakes.reduce((sum, handshake) => sum + handshake.waited, 0));
  if (expect.minWait === undefined || waited >= expect.minWait - TOLERANCE) return undefined;
  const times = handshakes.slice(1).map((handshake) => `${Math.round(handshake.waited)}`);
  return { expected: `${expect.minWait} ms or more of waiting in all`, got: `${waited} ms: ${times.join(', ')}` };
}

function judgeStates({ expect }: Script, { client, handshakes }: Observed): Difference | undefined {
  if (!expect.reportsStates) return undefined;
  const open = client.lines.flatMap((line) => (line.kind === 'state' ? [line.state === 'open'] : []));
  const changes = open.filter((isOpen, index) => isOpen && open[index - 1] !== true).length;
  const expected = `{"state": "open"} for each of ${handshakes.length} connections, and another state between them`;
  return changes === handshakes.length ? undefined : { expected, got: `${changes}` };
}

function describeEnd(lines: readonly ClientLine[], { exitCode, timedOut }: ClientEnd): string {
  const said = lines.find((line) => line.kind === 'end');
  if (said) return `the end ${said.end}${said.code === undefined ? '' : ` with the code ${said.code}`}`;
  return timedOut ? 'nothing until the time was up' : `an exit with ${exitCode ?? 'a signal'} that tells no end`;
}

/** Whether a value has everything of another. A client may add to what it was sent, for example defaults. */
function contains(value: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return isDeepStrictEqual(value, part);
  return Object.entries(part).every(([key, one]) => contains(Object(value)[key], one));
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
