import { readText } from './map/read.js';

/** The most characters of a message, as the contract has them. */
const MAX_MESSAGE = 8192;

/** How an agent's process ended. In memory there is no process: `exitCode` is 0. */
export interface AgentExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of what it wrote to stderr, at most 8 KiB. */
  readonly stderrTail: string;
}

/** An agent could not be started, failed a turn, or ended. The message says which, in a sentence for people. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  /**
   * `start`: it never became usable (AgentUnavailable); `turn`: this turn failed, the next may succeed; `exit`: the
   * process has ended; `protocol`: it violated ACP and was ended; `login`: it wants a login first, and `methods` says how.
   */
  readonly kind: 'start' | 'turn' | 'exit' | 'protocol' | 'login';
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
  /** For `login`: each way to log in, in a sentence. */
  readonly methods: readonly string[];

  constructor(
    kind: AgentError['kind'],
    message: string,
    facts: Partial<AgentExit> & { readonly cause?: unknown; readonly methods?: readonly string[] } = {},
  ) {
    super(readText(message, MAX_MESSAGE), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = kind;
    this.exitCode = facts.exitCode ?? null;
    this.signal = facts.signal ?? null;
    this.stderrTail = facts.stderrTail ?? '';
    this.methods = facts.methods ?? [];
  }
}

/** The caller chose a setting that this agent does not support. The server answers InvalidRequest and names the setting. */
export class AgentSettingError extends Error {
  override readonly name = 'AgentSettingError';
  /** The setting's name on the wire (`model`, `oss`, …), or the `config_id`. */
  readonly setting: string;

  constructor(setting: string, message: string) {
    super(message);
    this.setting = setting;
  }
}

/** The caller wants what this agent cannot do. The server answers UnsupportedByAgent and names the place. */
export class AgentUnsupportedError extends Error {
  override readonly name = 'AgentUnsupportedError';
  /** The place in the request, such as `mcp_servers/0`. */
  readonly place: string;

  constructor(place: string, message: string) {
    super(message);
    this.place = place;
  }
}
