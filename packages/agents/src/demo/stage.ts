import { setTimeout as delay } from 'node:timers/promises';

import type { SessionUpdate } from '@agentclientprotocol/sdk';

import type { Environment } from '../definition.js';
import type { Peer } from './json-rpc.js';
import type { Text } from './scenario.js';

/** The turn was cancelled. Thrown to end its scenario. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** What the steps of a scenario work on: one turn of one session. */
export interface Stage {
  readonly cwd: string;
  readonly client: Peer;
  readonly sessionId: string;
  readonly signal: AbortSignal;
  readonly asksFirst: boolean;
  /** Whether the client shows command output that comes in `_meta`. */
  readonly streamsOutput: boolean;
  /** Turns off questions for the rest of the session. */
  stopAsking(): void;
  /** A text in the language of the prompt, with its `{names}` filled in. */
  text(text: Text): string;
  /** Sets the value that replaces `{name}` in texts. */
  set(name: string, value: string): void;
  send(update: SessionUpdate): Promise<void>;
  /** Sends a text in chunks, at the pace of the demo. */
  stream(kind: 'agent_message_chunk' | 'agent_thought_chunk', text: string): Promise<void>;
  /** Waits `steps` times the pace. Throws `Cancelled`. */
  pause(steps: number): Promise<void>;
  /** The environment of commands. */
  readonly env: Environment;
  /** Ends the agent's process. */
  exit(code: number): Promise<never>;
}

/** The options of a stage. */
export interface StageOptions
  extends Pick<
    Stage,
    'cwd' | 'client' | 'sessionId' | 'signal' | 'asksFirst' | 'streamsOutput' | 'stopAsking' | 'env' | 'exit'
  > {
  readonly prompt: string;
  readonly paceMs: number;
  readonly names: Readonly<Record<string, string>>;
  /** Called with everything that is sent. */
  readonly sent: (update: SessionUpdate) => void;
}

/** A few characters of a text without spaces, or a word with the space before it. */
const CHUNKS = /[\u3000-\u9fff\uff00-\uffef]{1,4}|\s*[^\s\u3000-\u9fff\uff00-\uffef]+|\s+/g;
const HAN = /\p{Script=Han}/u;

/** Creates the stage of one turn. Its language is Chinese if the prompt has Chinese characters, else English. */
export function createStage(options: StageOptions): Stage {
  const { client, sessionId, signal, paceMs } = options;
  const language = HAN.test(options.prompt) ? 'zh' : 'en';
  const names = new Map(Object.entries(options.names));
  const checkCancelled = () => {
    if (signal.aborted) throw new Cancelled();
  };
  const send = (update: SessionUpdate) => {
    options.sent(update);
    return client.notify('session/update', { sessionId, update });
  };
  const pause = async (steps: number) => {
    checkCancelled();
    if (paceMs > 0) await delay(paceMs * steps, undefined, { signal }).catch(() => undefined); // checked right below
    checkCancelled();
  };
  return {
    ...options,
    get asksFirst() {
      return options.asksFirst; // it may change while the turn runs
    },
    text(text) {
      const chosen = typeof text === 'string' ? text : text[language];
      return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => names.get(name) ?? whole);
    },
    set: (name, value) => void names.set(name, value),
    send,
    async stream(kind, text) {
      for (const chunk of text.match(CHUNKS) ?? []) {
        await pause(1);
        await send({ sessionUpdate: kind, content: { type: 'text', text: chunk } });
      }
    },
    pause,
  };
}
