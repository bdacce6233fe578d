import { delimiter } from 'node:path';
import { APPROVAL_POLICIES, LOG_LEVELS, type LogLevel, type ServerOptions } from '@parleyhq/server';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_DATA_DIR } from '../default-data-dir.js';
import { withReplay } from '../record/replay-option.js';
import { readConfigFile } from './config-file.js';
import { serve } from './serve.js';

/** The options from the command line and the environment. All except `config` can also be in the configuration file. */
export interface ServeFlags {
  readonly host?: string;
  readonly port?: number;
  readonly dataDir?: string;
  readonly root?: readonly string[];
  readonly agent?: string;
  readonly record?: string;
  readonly publicUrl?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly trustProxy?: NonNullable<ServerOptions['trustProxy']>;
  readonly auditLog?: string;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly config?: string;
  readonly logLevel?: LogLevel;
  readonly approvalPolicy?: NonNullable<ServerOptions['maxApprovalPolicy']>;
}

const HELP = `
Each option can also be set in the environment, and in the file that --config names; the command line wins, then the
environment, then the file. The file is YAML with the options' names (data_dir, root, allow_origin, …) and your agents:

  port: 9000
  root: [/srv/projects]
  agents:
    - name: gemini                     # what "agent" in a request says
      command: gemini                  # any program that speaks the Agent Client Protocol on stdio
      args: [--experimental-acp]
      pass_env: [GEMINI_API_KEY]       # which of the server's variables it may see
    - name: demo
      in_memory: true                  # no process for each session; only the demo agent can
  agent_wrapper: [sandbox, "{cwd}"]    # a command before each agent's command ("wrapper" in an agent: only its own);
                                       # SANDBOX.md of @parleyhq/agents has one with bubblewrap
  limits:
    max_connections_per_session: 10    # all bounds, with their defaults: packages/server/LIMITS.md
    agent_idle_ms: 600000              # end agents after 10 minutes without an event (30), until the next message
    max_turn_silence_ms: 600000        # end a turn after 10 minutes without a message from its agent (30)
    max_event_age_ms: 2592000000       # forget events after 30 days; without it and max_session_log_size, never

Examples:
  $ parley serve                                       the current folder, at http://127.0.0.1:8080
  $ parley serve --root ~/projects --agent codex       sessions anywhere below ~/projects, with Codex by default
  $ parley serve --allow-origin http://localhost:3000  let pages of your development server use it
  $ parley serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem --allow-host parley.example.com
                                                       for other machines, at https://parley.example.com:8080
  $ parley serve --public-url https://parley.example.com --trust-proxy 1
                                                       behind a proxy on this machine that adds TLS

Every request needs the access token, which the first start creates in the data directory:
  $ curl -H "Authorization: Bearer $(cat ~/.parley/access-token)" http://127.0.0.1:8080/api/sessions
parley token creates others, which can expire and have fewer rights.

SIGTERM and SIGINT drain: no new work, sockets closed with 1001, agents ended. A second signal ends at once.
Exit codes: 0 drained, 1 failed, 2 an option is wrong, 3 the data directory is in use, 4 the address is in use.`;

/** Defines the command `parley serve`. */
export function defineServe(command: Command): void {
  const option = (flags: string, text: string, env: string) => new Option(flags, text).env(env);
  command
    .addOption(
      option('--host <address>', 'address to listen at (default: 127.0.0.1, only this machine)', 'PARLEY_HOST'),
    )
    .addOption(
      option('--port <number>', 'port to listen at; 0 for any free port (default: 8080)', 'PARLEY_PORT').argParser(
        readPort,
      ),
    )
    .addOption(
      option(
        '--data-dir <folder>',
        'all state of the server, for one server at a time (default: ~/.parley)',
        'PARLEY_DATA_DIR',
      ),
    )
    .addOption(
      option(
        '--root <folder>',
        `sessions may work in this folder and below; repeatable, or a list with ${delimiter} (default: the current folder)`,
        'PARLEY_ROOT',
      ).argParser(collect(delimiter)),
    )
    .addOption(
      option(
        '--agent <name>',
        'agent of a session that names none; replay:FILE plays a cassette (default: demo)',
        'PARLEY_AGENT',
      ),
    )
    .addOption(
      option('--record <folder>', 'write a cassette of each agent that is started into this folder', 'PARLEY_RECORD'),
    )
    .addOption(
      option(
        '--public-url <url>',
        'the URL that clients use, if it is not the address of the server',
        'PARLEY_PUBLIC_URL',
      ),
    )
    .addOption(
      option(
        '--tls-cert <file>',
        'use TLS (https, wss) with this certificate, PEM, followed by its chain',
        'PARLEY_TLS_CERT',
      ),
    )
    .addOption(option('--tls-key <file>', 'the key of --tls-cert, PEM, without a passphrase', 'PARLEY_TLS_KEY'))
    .addOption(
      option(
        '--trust-proxy <proxies>',
        'trust X-Forwarded-For, -Proto and -Host of this number of proxies in a row, or of these addresses (default: none)',
        'PARLEY_TRUST_PROXY',
      ).argParser(readProxies),
    )
    .addOption(
      option(
        '--allow-host <host>',
        'accept requests for this host, also as host:port or *; repeatable, or a list with commas',
        'PARLEY_ALLOW_HOST',
      ).argParser(collect(',')),
    )
    .addOption(
      option(
        '--allow-origin <origin>',
        'let pages of this origin use the server; repeatable, or a list with commas',
        'PARLEY_ALLOW_ORIGIN',
      ).argParser(collect(',')),
    )
    .addOption(
      option(
        '--approval-policy <policy>',
        'the most permissive policy of a session: deny, ask (a person consents), or auto (default: auto)',
        'PARLEY_APPROVAL_POLICY',
      ).choices(APPROVAL_POLICIES),
    )
    .addOption(option('--config <file>', 'YAML with any of these options and with agents of your own', 'PARLEY_CONFIG'))
    .addOption(
      option('--log-level <level>', 'how much to log on stderr, as JSON (default: info)', 'PARLEY_LOG_LEVEL').choices(
        LOG_LEVELS,
      ),
    )
    .addOption(
      option(
        '--audit-log <file>',
        'append who did what to this file, as JSON (default: to the log, at info, with "audit": true)',
        'PARLEY_AUDIT_LOG',
      ),
    )
    .addHelpText('after', HELP)
    .action(async (flags: ServeFlags) => {
      const file = flags.config === undefined ? {} : await readConfigFile(flags.config);
      await serve(withReplay({ dataDir: DEFAULT_DATA_DIR, ...file, ...flags }));
    });
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}

function readProxies(text: string): NonNullable<ServeFlags['trustProxy']> {
  return /^\d+$/.test(text) ? Number(text) : collect(',')(text);
}

function collect(separator: string) {
  return (text: string, before: readonly string[] = []): readonly string[] => [
    ...before,
    ...text
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ];
}
