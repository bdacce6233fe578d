import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ACP_VERSIONS, ASKS, type McpServerLaunch, type OperatorAgent } from '@parleyhq/agents';
import {
  APPROVAL_POLICIES,
  LIMITS,
  LOG_LEVELS,
  type LogLevel,
  RULE_ACTIONS,
  type ServerLimits,
  type ServerOptions,
  TOOL_KINDS,
} from '@parleyhq/server';
import { EXIT, ExitError } from '../exit-error.js';
import { resolveReplay } from '../record/replay-option.js';

type ApprovalRule = NonNullable<ServerOptions['approvalRules']>[number];

/** The options of a configuration file. */
export interface ConfigFile {
  readonly host?: string;
  readonly port?: number;
  readonly dataDir?: string;
  readonly root?: readonly string[];
  readonly agent?: string;
  readonly publicUrl?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly trustProxy?: NonNullable<ServerOptions['trustProxy']>;
  readonly auditLog?: string;
  readonly record?: string;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly logLevel?: LogLevel;
  /** The most permissive policy that a session may have. */
  readonly approvalPolicy?: NonNullable<ServerOptions['maxApprovalPolicy']>;
  /** Rules for what agents ask, in all sessions. */
  readonly approvalRules?: NonNullable<ServerOptions['approvalRules']>;
  readonly agents?: readonly OperatorAgent[];
  /** A sandbox for every agent that has no wrapper itself. */
  readonly agentWrapper?: readonly string[];
  /** MCP servers that sessions may name. */
  readonly mcpServers?: readonly McpServerLaunch[];
  /** The hosts of MCP servers that sessions may give by URL. */
  readonly mcpHosts?: readonly string[];
  readonly limits?: ServerLimits;
}

/**
 * Reads a configuration file. Relative folders are relative to the file.
 *
 * @throws ExitError that names the file, the place in it, what was expected and what it has.
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const content = await load(path);
  const file = dirname(resolve(path));
  const folder = (value: unknown, place: string) => resolve(file, text(value, place));
  return object<ConfigFile>(content ?? {}, 'the file', {
    host: ['host', text],
    port: ['port', wholeNumber],
    data_dir: ['dataDir', folder],
    root: ['root', listOf(folder)],
    agent: ['agent', agentName],
    public_url: ['publicUrl', text],
    tls_cert: ['tlsCert', folder],
    tls_key: ['tlsKey', folder],
    trust_proxy: ['trustProxy', proxies],
    audit_log: ['auditLog', folder],
    record: ['record', folder],
    allow_host: ['allowHost', listOf(text)],
    allow_origin: ['allowOrigin', listOf(text)],
    log_level: ['logLevel', oneOf(LOG_LEVELS)],
    approval_policy: ['approvalPolicy', oneOf(APPROVAL_POLICIES)],
    approval_rules: ['approvalRules', listOf(rule)],
    agents: ['agents', listOf(agent)],
    agent_wrapper: ['agentWrapper', listOf(argument)],
    mcp_servers: ['mcpServers', listOf(mcpServer)],
    mcp_hosts: ['mcpHosts', listOf(text)],
    limits: ['limits', limits],
  });

  async function load(name: string): Promise<unknown> {
    const { default: yaml } = await import('yaml'); // CommonJS: in a bundle `default` is its only export
    try {
      return yaml.parse(await readFile(name, 'utf8'));
    } catch (error) {
      throw new ExitError(EXIT.usage, `--config ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }

  function object<T>(value: unknown, place: string, readers: Record<string, [keyof T & string, Reader]>): T {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(place, 'a map', value);
    const result: Partial<Record<keyof T & string, unknown>> = {};
    for (const [key, item] of Object.entries(value)) {
      const reader = readers[key];
      if (!reader) throw wrong(`${place}: ${key}`, `one of ${Object.keys(readers).join(', ')}`, undefined);
      const [name, read] = reader;
      result[name] = read(item, key);
    }
    return result as T;
  }

  function agentName(value: unknown, place: string): string {
    return resolveReplay(text(value, place), file);
  }

  function agent(value: unknown, place: string): OperatorAgent {
    const entry = object<OperatorAgent>(value, place, {
      name: ['name', text],
      preset: ['preset', text],
      title: ['title', text],
      command: ['command', text],
      replay: ['replay', folder],
      args: ['args', listOf(text)],
      model_args: ['model_args', listOf(argument)],
      env: ['env', textMap],
      pass_env: ['pass_env', listOf(text)],
      auth_method: ['auth_method', text],
      acp_version: ['acp_version', oneOf(ACP_VERSIONS)],
      mode: ['mode', text],
      asks: ['asks', oneOf(ASKS)],
      wrapper: ['wrapper', listOf(argument)],
      in_memory: ['in_memory', bool],
    });
    if (entry.name === undefined) throw wrong(`${place}.name`, 'a name', undefined);
    return entry;
  }

  function mcpServer(value: unknown, place: string): McpServerLaunch {
    const { name, command, url, transport, args, env, headers } = object<
      Partial<Record<'name' | 'command' | 'url', string>> & {
        transport?: 'http' | 'sse';
        args?: string[];
        env?: Record<string, string>;
        headers?: Record<string, string>;
      }
    >(value, place, {
      name: ['name', text],
      command: ['command', text],
      args: ['args', listOf(argument)],
      env: ['env', textMap],
      url: ['url', text],
      transport: ['transport', oneOf(['http', 'sse'])],
      headers: ['headers', textMap],
    });
    if (name === undefined) throw wrong(`${place}.name`, 'a name', undefined);
    if ((command === undefined) === (url === undefined)) throw wrong(place, 'a command or a url', value);
    if (command !== undefined) {
      if (headers || transport) throw wrong(place, 'args and env alone with a command', value);
      return { name, command, ...(args && { args }), ...(env && { env }) };
    }
    if (args || env) throw wrong(place, 'transport and headers alone with a url', value);
    return { name, url: url ?? '', transport: transport ?? 'http', ...(headers && { headers }) };
  }

  function rule(value: unknown, place: string): ApprovalRule {
    const entry = object<ApprovalRule>(value, place, {
      kind: ['kind', oneOf(TOOL_KINDS)],
      command: ['command', text],
      path: ['path', text],
      action: ['action', oneOf(RULE_ACTIONS)],
    });
    if (entry.action === undefined) throw wrong(`${place}.action`, `one of ${RULE_ACTIONS.join(', ')}`, undefined);
    return entry;
  }

  function limits(value: unknown, place: string): ServerLimits {
    const names = Object.keys(LIMITS) as (keyof ServerLimits)[];
    return object<ServerLimits>(value, place, Object.fromEntries(names.map((name) => [snake(name), [name, count]])));
  }

  function proxies(value: unknown, place: string): ConfigFile['trustProxy'] {
    return typeof value === 'number' ? wholeNumber(value, place) : listOf(text)(value, place);
  }

  function count(value: unknown, place: string): number {
    const number = wholeNumber(value, place);
    if (number > 0) return number;
    throw wrong(place, 'a whole number above 0', value);
  }

  function listOf<T>(read: (value: unknown, place: string) => T) {
    return (value: unknown, place: string): T[] =>
      (Array.isArray(value) ? value : [value]).map((item, index) =>
        read(item, Array.isArray(value) ? `${place}[${index}]` : place),
      );
  }

  function textMap(value: unknown, place: string): Record<string, string> {
    if (typeof value !== 'object' || value === null) throw wrong(place, 'a map of texts', value);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item, `${place}.${key}`)]));
  }

  function text(value: unknown, place: string): string {
    if (typeof value === 'string') return value;
    throw wrong(place, 'a text', value);
  }

  function argument(value: unknown, place: string): string {
    // {cwd} without quotes is a map in YAML.
    if (typeof value === 'object' && value !== null)
      throw wrong(place, 'a text (put what has braces in quotes)', value);
    return text(value, place);
  }

  function bool(value: unknown, place: string): boolean {
    if (typeof value === 'boolean') return value;
    throw wrong(place, 'true or false', value);
  }

  function wholeNumber(value: unknown, place: string): number {
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    throw wrong(place, 'a whole number', value);
  }

  function oneOf<T extends string | number>(names: readonly T[]) {
    return (value: unknown, place: string): T => {
      const found = names.find((name) => name === value);
      if (found !== undefined) return found;
      throw wrong(place, `one of ${names.join(', ')}`, value);
    };
  }

  function wrong(place: string, expected: string, value: unknown): ExitError {
    const got = value === undefined ? '' : `, got ${JSON.stringify(value)}`;
    return new ExitError(EXIT.usage, `--config ${path}: ${place}: expected ${expected}${got}`);
  }
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

type Reader = (value: unknown, place: string) => unknown;
