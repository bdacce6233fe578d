import type { ApprovalPolicy } from '@parleyhq/contract';
import type { AgentProcess } from './process/process.js';

/** The settings of a session that are for its agent, with their names on the wire. */
export interface AgentSettings {
  readonly model?: string;
  readonly oss?: boolean;
  readonly web_search?: boolean;
  readonly config_profile?: string;
  readonly approval_policy?: ApprovalPolicy;
}

/**
 * Whether an agent asks before it edits: `always`, as it is started here; `by_mode`: as its mode and its own settings say;
 * `unknown` of an agent of the operator that says nothing.
 */
export type AsksBeforeEdits = (typeof ASKS)[number];

/** The values of {@link AsksBeforeEdits}. */
export const ASKS = ['always', 'by_mode', 'never', 'unknown'] as const;

/** The versions of ACP that are spoken. */
export type AcpVersion = (typeof ACP_VERSIONS)[number];

/** The values of {@link AcpVersion}. */
export const ACP_VERSIONS = [1, 2] as const;

/** The names of the settings. */
export type AgentSettingName = keyof AgentSettings;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the settings mean for one agent: how its process is started and what is set after `session/new`. */
export interface AgentLaunch {
  /** Appended to the definition's arguments. */
  readonly args?: readonly string[];
  /** Added to the definition's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The value for the agent's own model option. */
  readonly model?: string;
  /** The mode to set among the agent's own modes. */
  readonly mode?: string;
  /** Vendor-specific settings of the conversation, sent as `_meta` of `session/new` and `session/resume`. */
  readonly sessionMeta?: Readonly<Record<string, unknown>>;
}

/** One agent that a session can be created with. */
export interface AgentDefinition {
  /** The value of `agent` in a request. */
  readonly name: string;
  readonly title: string;
  /** A file name found on PATH, or a path. Never run by a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /**
   * The command of a sandbox and its arguments, put before the agent's own. `WrapperPlaces` explains the `{…}` in them.
   * @default none
   */
  readonly wrapper?: readonly string[];
  /** A recorder's command and arguments, put before everything else: it runs outside of the sandbox. */
  readonly recorder?: readonly string[];
  /** Variables that are set for it. They replace those of the server's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Which of the server's variables it may see, besides a few harmless ones (PATH, HOME, …); a name may end with `*`. */
  readonly passEnv: readonly string[];
  /** Which settings it takes. */
  readonly supports: Readonly<Record<AgentSettingName, boolean>>;
  readonly asks: AsksBeforeEdits;
  /** Its model is set through its own option: whether it has one, its first session tells. @default false */
  readonly modelIsOption?: boolean;
  /**
   * The newest version of ACP that it is offered. Version 2 is a draft, which may change with each release of the ACP library, so that it is
   * offered only where it is known to be spoken. An agent that answers with 1 is spoken to in that.
   *
   * @default 1
   */
  readonly acpVersion?: AcpVersion;
  /** What it counts in the usage of its answers: the schema of ACP says the session, some agents count the turn. @default 'session' */
  readonly usageCounts?: 'session' | 'turn';
  /** What a setting cannot enforce, in sentences for people. */
  readonly notes: readonly string[];
  /** How to install the command; shown when it is missing. */
  readonly install?: string;
  /**
   * The variables that hold the key of a login, by the id of the login's method, where the agent does not name them itself. One of them
   * must be set.
   */
  readonly keyVariables?: Readonly<Record<string, readonly string[]>>;
  /** The method to log it in with. @default the first whose variables are set */
  readonly authMethod?: string;
  /** Says why it cannot start although its command exists; `undefined` if it can. */
  problem?(): Promise<string | undefined>;
  /** Runs the agent inside this process instead of starting `command`. Not used together with a wrapper or a recorder. */
  readonly runInMemory?: (options: { readonly env: Environment }) => AgentProcess;
  /**
   * Turns settings into a launch; `env` is the server's environment. Throws (or rejects with) `AgentSettingError` for a
   * setting that this agent cannot honour.
   */
  launch(settings: AgentSettings, env: Environment): AgentLaunch | Promise<AgentLaunch>;
}
