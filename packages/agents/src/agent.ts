import type {
  AgentCommand,
  AgentModes,
  ConfigOption,
  PromptContent,
  TurnCause,
  TurnStatus,
  Usage,
} from '@parleyhq/contract';
import type { AcpLimits } from './acp/connection.js';
import type { AgentExit } from './agent-error.js';
import type { AgentEvent } from './agent-event.js';
import type { AgentDefinition, AgentSettings } from './definition.js';
import type { ElicitationOutcome, ElicitationRequest, PermissionOutcome, PermissionRequest } from './requests.js';

/** Why the agent ended a turn, in ACP's words. */
export type StopReason = 'end_turn' | 'max_tokens' | 'max_turn_requests' | 'refusal' | 'cancelled';

/** One user message for the agent. `turnId` is put on every event that belongs to it. */
export interface AgentTurn {
  readonly turnId: string;
  readonly content: readonly PromptContent[];
}

/** How a turn ended, in ACP's words and in the contract's. */
export interface AgentTurnResult {
  readonly stopReason: StopReason;
  readonly status: TurnStatus;
  /** `cancelled_by_agent` for `cancelled`: that the user interrupted is the session's knowledge. */
  readonly cause: TurnCause;
  /** Of this turn, where the agent says so. */
  readonly usage?: Usage;
}

/** What is known of a started agent. Kept current: each read gives the newest state. */
export interface AgentInfo {
  readonly name: string;
  readonly version?: string;
  /** The agent's own id of this conversation: what `resume` takes. */
  readonly acpSessionId: string;
  /** True when `resume` found the conversation again; false when it was started anew. */
  readonly resumed: boolean;
  readonly canResume: boolean;
  readonly modes?: AgentModes;
  readonly commands: readonly AgentCommand[];
  readonly configOptions: readonly ConfigOption[];
  /** Whether a prompt may hold images; text and resource links it always may. */
  readonly acceptsImages: boolean;
  /** Lines on stdout that were no JSON, and ignored. */
  readonly garbageLines: number;
  /** The process (and process group) id; absent for an agent in memory. */
  readonly pid?: number;
}

/** What the session does with what an agent does. `events` is called for one batch at a time, in the agent's order. */
export interface AgentHandler {
  /** Takes a batch of events. While the returned promise is pending nothing more is read: back-pressure. */
  events(events: readonly AgentEvent[]): void | Promise<void>;
  /**
   * Answers a request for permission; every event that the agent sent before it was handed over first, later ones
   * follow meanwhile. `signal` aborts when the turn was cancelled, the agent withdrew the request or is gone: the
   * outcome no longer matters then.
   */
  requestPermission(request: PermissionRequest, signal: AbortSignal): Promise<PermissionOutcome>;
  /** Answers a question of the agent to the user, like {@link AgentHandler.requestPermission}. */
  requestElicitation(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationOutcome>;
}

/** What `openAgent` needs. */
export interface OpenAgentOptions {
  readonly definition: AgentDefinition;
  /** Absolute; the agent works in it. */
  readonly cwd: string;
  readonly settings: AgentSettings;
  /** Where the agent's variables are picked from by its allow list. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Aborting it while the agent starts ends it; afterwards it has no effect. */
  readonly signal?: AbortSignal;
  /** From spawn to the answer of `session/new`. @default 30_000 // 30 seconds */
  readonly startTimeoutMs?: number;
  /** Between SIGTERM and SIGKILL. @default 3_000 // 3 seconds */
  readonly closeGraceMs?: number;
  /** An `acpSessionId` to take up again; where the agent cannot, a new conversation starts (`info.resumed` is false). */
  readonly resume?: string;
  /** Folder that lists running agents, so that `reapAgents` finds what a killed server left. None: nothing is kept. */
  readonly registryDir?: string;
  /** Texts that nothing the agent says may hold, beside the secrets in `env`: it may have read them. */
  readonly secrets?: readonly string[];
  /** What `{data_dir}` in a wrapper stands for. */
  readonly dataDir?: string;
  /** What `{workspace}` in a wrapper stands for. @default cwd */
  readonly workspace?: string;
  /** How long a line may be, and how much the agent may be ahead of `handler`: then it is held back. */
  readonly limits?: AcpLimits;
  readonly handler: AgentHandler;
}

/** A running agent with one conversation. */
export interface Agent {
  readonly info: AgentInfo;
  /**
   * Gives the agent one user message and resolves when its turn ended and all its events were handed over. One turn at
   * a time. Rejects with `AgentError`: kind `turn` when the agent failed this turn and may take the next, else it is
   * gone (see `exited`). Open items are completed in either case.
   */
  prompt(turn: AgentTurn): Promise<AgentTurnResult>;
  /** Asks the agent to end the running turn; `prompt` then resolves with `cancelled`. No turn: nothing happens. */
  cancel(): Promise<void>;
  /** Sets one of `info.configOptions`, or with `mode` the mode. Rejects with `AgentSettingError`. */
  configure(configId: string, value: string | boolean): Promise<void>;
  /** Resolves when the process is gone, however that came. Never rejects. */
  readonly exited: Promise<AgentExit>;
  /** Ends the whole process group: SIGTERM, then SIGKILL after a grace. Safe to repeat; resolves when it is gone. */
  close(): Promise<void>;
}
