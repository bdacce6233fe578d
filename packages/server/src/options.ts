import type { OperatorAgent } from '@parleyhq/agents';
import type { ApprovalPolicy } from '@parleyhq/contract';
import type { Logger } from 'pino';

/** How a server is set up. */
export interface ServerOptions {
  /** The folder of all its state; made if it is not there. One server at a time. */
  readonly dataDir: string;
  /** The address to listen at. @default '127.0.0.1' */
  readonly host?: string;
  /** The port to listen at; 0 for any that is free. @default 8080 */
  readonly port?: number;
  /**
   * Folders that sessions may work in, with everything below.
   *
   * @default the folder that the process was started in, unless that is the root of the file system
   */
  readonly roots?: readonly string[];
  /** The agent of a session that names none. @default 'demo' */
  readonly defaultAgent?: string;
  /** The operator's own agents, and changes of presets. */
  readonly agents?: readonly OperatorAgent[];
  /**
   * A sandbox for every agent that has no `wrapper` of its own: a command and its arguments, put before the agent's. In
   * each argument `{cwd}`, `{workspace}`, `{data_dir}` and `{home}` are replaced; no shell reads them. SANDBOX.md of
   * `@parleyhq/agents` has one to begin with. @default none
   */
  readonly agentWrapper?: readonly string[];
  /** Each agent that is started writes a cassette into this folder, which is made if it is not there. @default none */
  readonly recordDir?: string;
  /** Where clients reach the server, where that is not its own address (a proxy): `https://…`. */
  readonly publicUrl?: string;
  /** Host headers to accept beside loopback names, the bound address and the public URL's; `*` for all. */
  readonly allowHosts?: readonly string[];
  /** Origins whose pages may talk to the server, such as `https://app.example.com`; `*` for all, without cookies. */
  readonly allowOrigins?: readonly string[];
  /** @default no log */
  readonly logger?: Logger;
  /** What agents and the agents' PATH are looked up in. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * The most permissive approval policy that a session may have: `deny` < `ask` < `auto`. A request for more is an
   * InvalidRequest; sessions that had more before are held to it.
   *
   * @default 'auto'
   */
  readonly maxApprovalPolicy?: ApprovalPolicy;
  readonly limits?: ServerLimits;
}

/** Bounds; each answers with its own code when it is reached. */
export interface ServerLimits {
  /** Sessions that are not closed. @default 1_000 */
  readonly maxSessions?: number;
  /** Turns that wait in a session. @default 32 */
  readonly maxQueuedTurns?: number;
  /** Open sockets. @default 10_000 */
  readonly maxConnections?: number;
  /** Open sockets of one session. @default 10 */
  readonly maxConnectionsPerSession?: number;
  /**
   * How long an agent may give no sign of life in a turn that waits for no person, in milliseconds. Then the turn ends
   * `failed`, cause `agent_unresponsive`.
   *
   * @default 1_800_000 // 30 minutes
   */
  readonly maxTurnSilenceMs?: number;
  /**
   * How long nothing happens in a session before its agent is ended, in milliseconds; the next message starts it again
   * in its conversation. An agent that could not take its conversation up again is kept.
   *
   * @default 1_800_000 // 30 minutes
   */
  readonly agentIdleMs?: number;
  /** How long events are kept, in milliseconds. @default for ever */
  readonly maxEventAgeMs?: number;
  /** How many characters of events are kept of one session. @default all */
  readonly maxSessionLogSize?: number;
  /** How long a login lasts, in milliseconds. @default 86_400_000 // 24 hours */
  readonly loginLifetimeMs?: number;
  /** @default 15_000 // 15 seconds */
  readonly heartbeatIntervalMs?: number;
}

/** An option that makes no sense; the message names it and says what was expected and what was got. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  /** The name of the option, as in ServerOptions. */
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}
