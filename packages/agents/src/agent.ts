import type {
  AgentCapability,
  AgentCommand,
  AgentLoginMethod,
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
import type { Surroundings } from './capabilities.js';
import type { AgentDefinition, AgentSettings } from './definition.js';
import type { EditBudget } from './edit-budget.js';
import type { History, HistoryBounds } from './map/history.js';
import type { ElicitationOutcome, ElicitationRequest, PermissionOutcome, PermissionRequest } from './requests.js';

/** Why the agent ended a turn, in the terms of ACP. */
export type StopReason = 'end_turn' | 'max_tokens' | 'max_turn_requests' | 'refusal' | 'cancelled';

/** One user message for the agent. `turnId` is put on every event that belongs to it. */
export interface AgentTurn {
  readonly turnId: string;
  readonly content: readonly PromptContent[];
}

/** How a turn ended, in the terms of ACP and of the contract. */
export interface AgentTurnResult {
  readonly stopReason: StopReason;
  readonly status: TurnStatus;
  /** `cancelled_by_agent` for `cancelled`: only the session knows whether the user interrupted the turn. */
  readonly cause: TurnCause;
  /** The tokens of this turn, if the agent reports them. */
  readonly usage?: Usage;
}

/** What is known about a started agent. Each read of `Agent.info` gives the newest state. */
export interface AgentInfo {
  readonly name: string;
  readonly version?: string;
  /** The agent's own id of this conversation, to be given as `resume` later. */
  readonly acpSessionId: string;
  /** True if the agent resumed the conversation of `resume`; false if it started a new one. */
  readonly resumed: boolean;
  /** Why it did not resume the conversation of `resume`, in its own words; at most 4,096 characters. */
  readonly refusal?: string;
  readonly modes?: AgentModes;
  readonly commands: readonly AgentCommand[];
  readonly configOptions: readonly ConfigOption[];
  /** Those of {@link OpenAgentOptions.shown} that could not be set again, each with its value, in words. */
  readonly settingsLost: readonly string[];
  /** What it says that it can do. Without `images`, a prompt must have none; text and resource links are always allowed. */
  readonly capabilities: readonly AgentCapability[];
  /** Lines on stdout that were not JSON objects; they were ignored. */
  readonly garbageLines: number;
  /** The id of the process and of its process group; absent for an agent in memory. */
  readonly pid?: number;
}

/** Receives what an agent does. `events` is called for one batch at a time, in the order of the agent. */
export interface AgentHandler {
  /** Receives a batch of events. While the returned promise is pending, nothing more is read (back-pressure). */
  events(events: readonly AgentEvent[]): void | Promise<void>;
  /**
   * Answers a request for permission. All events that the agent sent before it have been delivered; later ones are
   * delivered while it waits. `signal` aborts when the turn is cancelled, when the agent withdraws the request, and when the
   * agent ends: then the answer must come, `cancelled` unless there is another one already. The agent is told what this says.
   */
  requestPermission(request: PermissionRequest, signal: AbortSignal): Promise<PermissionOutcome>;
  /**
   * Begins a turn: the agent says or asks something although nothing was asked of it. Resolves with the id of that turn, which
   * lasts until {@link Agent.endTurn}; with `undefined` if none can begin now: what the agent says becomes notices then.
   * `after` is the last turn that this agent has ended.
   *
   * @default none ever begins
   */
  startTurn?(after: string | undefined): Promise<string | undefined>;
  /** Answers a question of the agent to the user, like {@link AgentHandler.requestPermission}. */
  requestElicitation(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationOutcome>;
}

/** The agent's settings as a session shows them. */
export interface ShownSettings {
  readonly modes?: AgentModes;
  readonly configOptions: readonly ConfigOption[];
}

/** What `openAgent` needs. */
export interface OpenAgentOptions extends Surroundings {
  readonly definition: AgentDefinition;
  /** The working directory of the agent, an absolute path. */
  readonly cwd: string;
  readonly settings: AgentSettings;
  /** The environment that the agent's allow list selects from. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Aborting it ends an agent that is still starting; later it has no effect. */
  readonly signal?: AbortSignal;
  /** From spawn to the answer of `session/new`, in milliseconds. @default 30_000 // 30 seconds */
  readonly startTimeoutMs?: number;
  /** Between SIGTERM and SIGKILL, in milliseconds. @default 3_000 // 3 seconds */
  readonly closeGraceMs?: number;
  /** An `acpSessionId` to resume. If the agent cannot, a new conversation starts and `info.resumed` is false. */
  readonly resume?: string;
  /**
   * A session of the agent's own to begin with: `load` takes it up, with its history where the agent tells that; `fork` begins
   * a copy of it, or with `orNew` a new conversation where the agent knows of none. What the agent cannot do is an
   * `AgentUnsupportedError`; if it refuses to take one up, an `AgentSettingError` names `resume_agent_session`.
   *
   * @default a new conversation
   */
  readonly takeUp?: { readonly by: 'load' | 'fork'; readonly sessionId: string; readonly orNew?: boolean };
  /** How much of its history is kept. @default 5,000 events with 4 MiB */
  readonly historyBounds?: HistoryBounds;
  /**
   * The settings of the session that the agent is started again for. They are set where the new process has other values.
   *
   * @default a new session
   */
  readonly shown?: ShownSettings;
  /** Folder that lists running agents, so that `reapAgents` can end those of a killed server. @default no list is kept */
  readonly registryDir?: string;
  /** Texts that are removed from everything the agent says, in addition to the secrets in `env`. @default none */
  readonly secrets?: readonly string[];
  /** What `{data_dir}` in a wrapper stands for. */
  readonly dataDir?: string;
  /** What `{workspace}` in a wrapper stands for. @default cwd */
  readonly workspace?: string;
  /** Milliseconds of silence after which an agent that resumed no longer repeats its conversation. @default 300 */
  readonly replaySilenceMs?: number;
  /** How long a line may be, and how much may wait for `handler` before the agent is paused. */
  readonly limits?: AcpLimits;
  /** Room for the diffs of open tool calls. @default 1_000 diffs with 64 MiB, for this agent alone */
  readonly editBudget?: EditBudget;
  /** Gets the agent's ways to log in, when it has answered `initialize`. */
  readonly onLoginMethods?: ((methods: readonly AgentLoginMethod[]) => void) | undefined;
  readonly handler: AgentHandler;
}

/** A running agent with one conversation. */
export interface Agent {
  readonly info: AgentInfo;
  /** What it told of the session that it has taken up by `load`. */
  readonly history?: History;
  /**
   * Gives the agent one user message. Resolves when the turn has ended and all its events were delivered. One turn at a
   * time. Rejects with `AgentError`: with kind `turn` the agent failed this turn and can take the next one, with any other
   * kind it has ended (see `exited`). Open items are completed in either case.
   */
  prompt(turn: AgentTurn): Promise<AgentTurnResult>;
  /**
   * Gives the agent a message for the turn that runs; only with the capability `steer`. Resolves with whether it took it: if
   * not, it has not got it. Rejects with `AgentError` if that is not known.
   */
  steer(content: readonly PromptContent[]): Promise<boolean>;
  /** Completes what is open in a turn that the agent began. Resolves when its last events were delivered. */
  endTurn(failed: boolean): Promise<void>;
  /** Asks the agent to end the running turn; `prompt` then resolves with `cancelled`. Without a turn, nothing happens. */
  cancel(): Promise<void>;
  /** Sets one of `info.configOptions`, or the mode with the id `mode`. Rejects with `AgentSettingError`. */
  configure(configId: string, value: string | boolean): Promise<void>;
  /** Resolves when the process has ended, for whatever reason. Never rejects. */
  readonly exited: Promise<AgentExit>;
  /**
   * Ends the whole process group: SIGTERM, then SIGKILL after `closeGraceMs`. May be repeated. Resolves when it has ended. With
   * `forGood`, an agent that wants to know is told before that its conversation will not be taken up again.
   */
  close(forGood?: boolean): Promise<void>;
}
