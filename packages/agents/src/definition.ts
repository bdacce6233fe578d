import type { ApprovalPolicy } from '@parleyhq/contract';
import type { AgentProcess } from './process/process.js';

/** The settings of a session that concern its agent, under their names on the wire. */
export interface AgentSettings {
  readonly model?: string;
  readonly oss?: boolean;
  readonly web_search?: boolean;
  readonly config_profile?: string;
  readonly approval_policy?: ApprovalPolicy;
}

/** The settings that an agent can be asked for by name. */
export type AgentSettingName = keyof AgentSettings;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What settings become for one agent: how its process is started and what it is told after `session/new`. */
export interface AgentLaunch {
  /** Appended to the definition's arguments. */
  readonly args?: readonly string[];
  /** Added to the definition's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Chosen through the agent's own model option. */
  readonly model?: string;
  /** Chosen through the agent's own modes. */
  readonly mode?: string;
  /** Vendor's settings for the conversation, as `_meta` of `session/new` and `session/resume`. */
  readonly sessionMeta?: Readonly<Record<string, unknown>>;
}

/** One agent that a session can be created with, by its name alone. */
export interface AgentDefinition {
  /** What `agent` in a request says. */
  readonly name: string;
  readonly title: string;
  /** A file name found on PATH, or a path. Never run by a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /**
   * The command of a sandbox and its arguments, put before the agent's own; see `WrapperPlaces` for what `{…}` in them
   * stands for. @default none
   */
  readonly wrapper?: readonly string[];
  /** A recorder's command and arguments, put before everything else: it is outside of the sandbox. */
  readonly recorder?: readonly string[];
  /** Set for it, whatever the server's environment says. */
  readonly env: Readonly<Record<string, string>>;
  /** Which of the server's variables it may see; a name may end with `*`. A few harmless ones (PATH, HOME, …) always. */
  readonly passEnv: readonly string[];
  /** Which settings it takes. */
  readonly supports: Readonly<Record<AgentSettingName, boolean>>;
  /** What a setting cannot enforce, in sentences for people. */
  readonly notes: readonly string[];
  /** How to get the command, shown when it is not there. */
  readonly install?: string;
  /** Says why it cannot start although its command is there. */
  problem?(): Promise<string | undefined>;
  /** Runs the agent inside this process instead of starting `command`. Not used where there is a wrapper or recorder. */
  readonly runInMemory?: (options: { readonly env: Environment }) => AgentProcess;
  /**
   * Turns settings into a launch; `env` is the server's environment. Throws (or rejects with) `AgentSettingError` for a setting that this
   * agent cannot honour.
   */
  launch(settings: AgentSettings, env: Environment): AgentLaunch | Promise<AgentLaunch>;
}
