import type { McpServerLaunch, OperatorAgent } from '@parleyhq/agents';
import type { ApprovalPolicy, ApprovalRule } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { TrustProxy } from './auth/forwarded.js';
import type { ServerLimits } from './limits.js';

/** The options of a server. */
export interface ServerOptions {
  /** The folder with all of its state; created if it does not exist. Only one server can use it at a time. */
  readonly dataDir: string;
  /** The address to listen at. @default '127.0.0.1' */
  readonly host?: string;
  /** The port to listen at; 0 for any free port. @default 8080 */
  readonly port?: number;
  /**
   * The folders that sessions may work in, with everything in them.
   *
   * @default the folder that the process was started in, unless that is the root of the file system
   */
  readonly roots?: readonly string[];
  /** The agent of a session whose request names none. @default 'demo' */
  readonly defaultAgent?: string;
  /** The operator's own agents, and changes to presets. */
  readonly agents?: readonly OperatorAgent[];
  /**
   * A sandbox for every agent that has no `wrapper` of its own: a command and its arguments, put before the agent's. In
   * each argument `{cwd}`, `{workspace}`, `{data_dir}` and `{home}` are replaced; no shell reads them. SANDBOX.md of
   * `@parleyhq/agents` has an example to start with. @default none
   */
  readonly agentWrapper?: readonly string[];
  /** A folder, created if it does not exist, into which each agent that is started writes a cassette. @default none */
  readonly recordDir?: string;
  /** The URL at which clients reach the server, if it differs from its own address (behind a proxy): `https://…`. */
  readonly publicUrl?: string;
  /** A PEM file with the server's certificate and its certificate chain. The server speaks only TLS then. @default none */
  readonly tlsCert?: string;
  /** A PEM file with the key of `tlsCert`. */
  readonly tlsKey?: string;
  /** Proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are used. @default none */
  readonly trustProxy?: TrustProxy;
  /** Host headers to accept, in addition to loopback names, the bound address and the public URL's host; `*` for all. */
  readonly allowHosts?: readonly string[];
  /** Origins whose pages may talk to the server, such as `https://app.example.com`; `*` for all, without cookies. */
  readonly allowOrigins?: readonly string[];
  /** A file to which the audit log is appended. @default the audit lines go to `logger`, level info, with `audit: true` */
  readonly auditLog?: string;
  /** @default no log */
  readonly logger?: Logger;
  /** The environment that agents get their variables from, and whose PATH is searched for them. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * The most permissive approval policy that a session may have: `deny` < `ask` < `auto`. A request for a more permissive one is
   * an InvalidRequest. Sessions that had a more permissive one before get this one.
   *
   * @default 'auto'
   */
  readonly maxApprovalPolicy?: ApprovalPolicy;
  /** MCP servers that a session may name. Only the operator can give a command. @default none */
  readonly mcpServers?: readonly McpServerLaunch[];
  /**
   * The hosts of MCP servers that a session may give by URL: `mcp.example.com`, `*.example.com`, with or without a port, or `*`.
   *
   * @default none
   */
  readonly mcpHosts?: readonly string[];
  /**
   * Rules for what agents ask, in all sessions: the first that fits decides. What they reject no session allows; what else they
   * say, a session's own rules can change. The policies, `maxApprovalPolicy` included, count where no rule fits.
   *
   * @default none
   */
  readonly approvalRules?: readonly ApprovalRule[];
  /** Limits that differ from the defaults. */
  readonly limits?: ServerLimits;
}
