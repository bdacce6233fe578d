import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

import type { CassetteEntry } from '../src/cassette/cassette.js';
import { type Cassette, parseCassette } from '../src/cassette/parse-cassette.js';
import { replayAgent } from '../src/cassette/replay-agent.js';
import type { AgentDefinition } from '../src/definition.js';

/** A folder for one test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-cassettes-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The one cassette in a folder. */
export async function readCassette(
  folder: string,
): Promise<Cassette & { readonly file: string; readonly text: string }> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  if (names.length !== 1) throw new Error(`expected one cassette, got ${names.join(', ')}`);
  const file = join(folder, names[0] as string);
  const text = await readFile(file, 'utf8');
  return { ...parseCassette(text, file), file, text };
}

/** An agent that replays a cassette without delays. */
export function replayed(file: string, env: Readonly<Record<string, string>> = {}): AgentDefinition {
  return { ...replayAgent('replay', file), env: { PARLEY_REPLAY_SPEED: 'max', ...env } };
}

/** Writes a cassette with one line for each message. Each line is 1 ms after the one before, unless `later` says otherwise. */
export async function writeCassette(lines: readonly Said[]): Promise<string> {
  const file = join(await temporaryFolder(), 'written.jsonl');
  let t = 0;
  const entries = lines.map((line): CassetteEntry => {
    t += line.afterMs ?? 1;
    if ('exit' in line) return { t, exit: { code: line.exit, signal: null } };
    if ('client' in line) return { t, from: 'client', message: line.client };
    return 'agent' in line ? { t, from: 'agent', message: line.agent } : { t, from: 'agent', text: line.print };
  });
  const header = { cassette: 1, recorded_at: 0, agent: 'written' };
  await writeFile(file, [header, ...entries].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

type Message = Readonly<Record<string, unknown>>;
type Said = { readonly afterMs?: number } & (
  | { readonly client: Message }
  | { readonly agent: Message }
  | { readonly print: string }
  | { readonly exit: number }
);

const sessionId = 'recorded-session-0001';

/** The first lines of a cassette: `initialize` and `session/new`, with their answers. */
export function opening(result: object = {}, agentCapabilities: object = {}): Said[] {
  return [
    { client: { id: 0, method: 'initialize', params: { protocolVersion: 1 } } },
    { agent: { id: 0, result: { protocolVersion: 1, agentCapabilities } } },
    { client: { id: 1, method: 'session/new', params: { cwd: '{{parley.cwd}}', mcpServers: [] } } },
    { agent: { id: 1, result: { sessionId, ...result } } },
  ];
}

/** The client's prompt. */
export function prompt(id: number, text: string): Said {
  return { client: { id, method: 'session/prompt', params: { sessionId, prompt: [{ type: 'text', text }] } } };
}

/** An update of the agent. */
export function update(fields: object): Said {
  return { agent: { method: 'session/update', params: { sessionId, update: fields } } };
}

/** What the agent says to the user. */
export function says(text: string): Said {
  return update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
}

/** The agent's answer to a prompt. */
export function ends(id: number, stopReason = 'end_turn'): Said {
  return { agent: { id, result: { stopReason } } };
}

/** The agent asks whether it may run a tool call. */
export function asks(id: number | string, toolCallId: string): Said {
  const option = (optionId: string, kind: string) => ({ optionId, name: optionId, kind });
  const options = [option('yes', 'allow_once'), option('always', 'allow_always'), option('no', 'reject_once')];
  return {
    agent: { id, method: 'session/request_permission', params: { sessionId, toolCall: { toolCallId }, options } },
  };
}

/** The client chooses one of the options. */
export function chooses(id: number | string, optionId: string): Said {
  return { client: { id, result: { outcome: { outcome: 'selected', optionId } } } };
}

/** A line that comes `afterMs` milliseconds after the one before. */
export function later(afterMs: number, line: Said): Said {
  return { ...line, afterMs };
}

/** The client cancels the turn. */
export const cancels: Said = { client: { method: 'session/cancel', params: { sessionId } } };
