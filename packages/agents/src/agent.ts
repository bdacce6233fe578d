import type { AgentExit } from "./agent-error.js";
import type { AgentEvent } from "./agent-event.js";
import type { AgentDefinition, AgentSettings } from "./definition.js";
import type {
	ElicitationOutcome,
	ElicitationRequest,
	PermissionOutcome,
	PermissionRequest,
} from "./requests.js";

/** Why the agent ended a turn, in ACP's words. */
export type StopReason =
	| "end_turn"
	| "max_tokens"
	| "max_turn_requests"
	| "refusal"
	| "cancelled";

/** One block of what the user says, in ACP's shape. */
export type PromptBlock =
	| { readonly type: "text"; readonly text: string }
	| {
			readonly type: "image";
			readonly data: string;
			readonly mime_type: string;
	  }
	| {
			readonly type: "resource_link";
			readonly uri: string;
			readonly name: string;
			readonly mime_type?: string;
	  };

/** One user message for the agent. `turnId` is put on every event that belongs to it. */
export interface AgentTurn {
	readonly turnId: string;
	readonly content: readonly PromptBlock[];
}

/** How a turn ended. `usage` is what the agent last reported, where it reports any. */
export interface AgentTurnResult {
	readonly stopReason: StopReason;
}

/** A way of working that the agent offers (read only, edit, plan, …). */
export interface AgentMode {
	readonly id: string;
	readonly name: string;
	readonly description?: string;
}

/** A slash command that the agent offers. */
export interface AgentCommand {
	readonly name: string;
	readonly description: string;
	readonly hint?: string;
}

/** One of the agent's own options, its model and its mode among them where it offers them this way. */
export interface AgentConfigOption {
	readonly id: string;
	readonly name: string;
	readonly description?: string;
	/** `mode`, `model`, `thought_level`, … */
	readonly category?: string;
	readonly value: string | boolean;
	/** What may be chosen; absent for a switch. */
	readonly options?: readonly {
		readonly value: string;
		readonly name: string;
		readonly description?: string;
	}[];
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
	readonly modes: readonly AgentMode[];
	readonly currentMode?: string;
	readonly commands: readonly AgentCommand[];
	readonly configOptions: readonly AgentConfigOption[];
	/** What a prompt may hold beside text and resource links. */
	readonly accepts: { readonly image: boolean };
	/** The process (and process group) id; absent for an agent in memory. */
	readonly pid?: number;
}

/**
 * What the session does with what an agent does. Calls come one at a time and in the agent's order, except that
 * requests wait beside the events.
 */
export interface AgentHandler {
	/** Takes a batch of events, in order. While the returned promise is pending nothing more is read: back-pressure. */
	events(events: readonly AgentEvent[]): void | Promise<void>;
	/**
	 * Answers a request for permission; every event that the agent sent before it was handed over first. `signal` aborts
	 * when the turn was cancelled or the agent is gone: the outcome no longer matters then.
	 */
	requestPermission(
		request: PermissionRequest,
		signal: AbortSignal,
	): Promise<PermissionOutcome>;
	/** Answers a question of the agent to the user, like {@link AgentHandler.requestPermission}. */
	requestElicitation(
		request: ElicitationRequest,
		signal: AbortSignal,
	): Promise<ElicitationOutcome>;
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
	readonly handler: AgentHandler;
}

/** A running agent with one conversation. */
export interface Agent {
	readonly info: AgentInfo;
	/**
	 * Gives the agent one user message and resolves when its turn ended and all its events were handed over. One turn at
	 * a time. Rejects with `AgentError` when the agent failed the turn (it may take the next) or is gone (see `exited`).
	 */
	prompt(turn: AgentTurn): Promise<AgentTurnResult>;
	/** Asks the agent to end the running turn; `prompt` then resolves with `cancelled`. No turn: nothing happens. */
	cancel(): Promise<void>;
	/** Sets one of `info.configOptions`, or the mode (`config_id` `mode`). Rejects with `AgentSettingError`. */
	configure(configId: string, value: string | boolean): Promise<void>;
	/** Resolves when the process is gone, however that came. Never rejects. */
	readonly exited: Promise<AgentExit>;
	/** Ends the whole process group: SIGTERM, then SIGKILL after a grace. Safe to repeat; resolves when it is gone. */
	close(): Promise<void>;
}
