import type { OperatorAgent } from '@parleyhq/agents';
import type { ApprovalPolicy } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { TrustProxy } from './auth/outside.js';
import type { ServerLimits } from './limits.js';

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
  /** A PEM file with the server's certificate and those that vouch for it: the server speaks TLS alone. @default none */
  readonly tlsCert?: string;
  /** A PEM file with the key of `tlsCert`. */
  readonly tlsKey?: string;
  /** Proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed. @default nobody's */
  readonly trustProxy?: TrustProxy;
  /** Host headers to accept beside loopback names, the bound address and the public URL's; `*` for all. */
  readonly allowHosts?: readonly string[];
  /** Origins whose pages may talk to the server, such as `https://app.example.com`; `*` for all, without cookies. */
  readonly allowOrigins?: readonly string[];
  /** A file for the audit log, appended to. @default among the lines of `logger`, level info, with `audit: true` */
  readonly auditLog?: string;
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
  /** Bounds other than the defaults. */
  readonly limits?: ServerLimits;
}
