import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError, type McpServerLaunch } from '@parleyhq/agents';
import { type CreateSessionRequest, type McpServer, ServiceError } from '@parleyhq/contract';
import { isMissing } from '../files/is-missing.js';
import { writeWhole } from '../files/write-whole.js';

/** The operator's side of MCP servers. */
export interface McpOptions {
  /** What sessions may name. @default none */
  readonly mcpServers?: readonly McpServerLaunch[] | undefined;
  /** The hosts of the URLs that sessions may give: `mcp.example.com`, `*.example.com`, with or without a port, or `*`. @default none */
  readonly mcpHosts?: readonly string[] | undefined;
}

/** The MCP servers of one session. */
export interface SessionMcpServers {
  /** As its log and its answers show them. */
  readonly shown: readonly McpServer[];
  /** As its agent gets them, read anew for each start. Rejects with `AgentError` for one that the operator no longer offers. */
  launches(): Promise<readonly McpServerLaunch[]>;
}

/** The MCP servers of all sessions. */
export interface McpServers {
  /** What the operator offers. */
  readonly offered: readonly McpServer[];
  /**
   * Takes the wish of a new session, and keeps the headers in it.
   *
   * @throws ServiceError `InvalidRequest` naming the place
   */
  choose(sessionId: string, wanted: CreateSessionRequest['mcp_servers']): Promise<SessionMcpServers>;
  /** The same as another session has, with its headers. */
  fork(sessionId: string, from: string, shown: readonly McpServer[]): Promise<SessionMcpServers>;
  /** Those of a session of the log. */
  restore(sessionId: string, shown: readonly McpServer[]): SessionMcpServers;
  /** Erases the headers of a session. */
  forget(sessionId: string): Promise<void>;
  /** Erases the headers of all sessions but these. */
  sweep(open: ReadonlySet<string>): Promise<void>;
}

/** The headers of each server, by its name. */
type Headers = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Keeps the headers, which are secrets, in a folder with a file for each session: an event would have them for ever. */
export function createMcpServers(folder: string, { mcpServers = [], mcpHosts = [] }: McpOptions): McpServers {
  const offered = mcpServers.map((server): McpServer => ({ name: server.name, transport: transportOf(server) }));
  const fileOf = (sessionId: string) => join(folder, `${sessionId}.json`);

  const sessionServers = (sessionId: string, shown: readonly McpServer[]): SessionMcpServers => ({
    shown,
    async launches() {
      if (shown.length === 0) return [];
      const text = await readFile(fileOf(sessionId), 'utf8').catch(noneIfMissing);
      const headers: Headers = text === undefined ? {} : JSON.parse(text);
      return shown.map(({ name, url, transport }) => {
        if (url !== undefined)
          return { name, url, transport: transport === 'sse' ? 'sse' : 'http', headers: headers[name] ?? {} };
        const known = mcpServers.find((server) => server.name === name);
        if (known === undefined) throw new AgentError('start', `The MCP server ${name} is no longer configured.`);
        return known;
      });
    },
  });

  return {
    offered,
    async choose(sessionId, wanted = []) {
      const shown = wanted.map((server, index): McpServer => {
        const { name, url, transport, headers } = server;
        const refuse = (field: string, message: string) => {
          const place = `/mcp_servers/${index}/${field}`;
          return new ServiceError('InvalidRequest', `${place.slice(1)}: ${message}.`, {
            details: [{ pointer: `/body${place}`, message }],
          });
        };
        if (wanted.findIndex((other) => other.name === name) !== index) {
          throw refuse('name', `expected a name of its own, got ${name} twice`);
        }
        const known = offered.find((one) => one.name === name);
        if (url === undefined) {
          const names = offered.map((one) => one.name).join(', ') || 'none, since the operator offers none';
          if (known === undefined) throw refuse('name', `expected one of ${names}, or a url; got ${name}`);
          if (headers !== undefined) throw refuse('headers', `expected none without a url: ${name} is the operator's`);
          return known;
        }
        // Without this: lets a session give an agent another server by the name of one of the operator's
        if (known !== undefined) throw refuse('name', `expected a name that the operator does not use, got ${name}`);
        const problem = problemOf(url, mcpHosts);
        // Without this: lets a session send an agent to any address
        if (problem !== undefined) throw refuse('url', problem);
        return { name, transport: transport ?? 'http', url };
      });
      const headers: Headers = Object.fromEntries(
        wanted.flatMap((one) =>
          one.headers ? [[one.name, Object.fromEntries(one.headers.map(({ name, value }) => [name, value]))]] : [],
        ),
      );
      if (Object.keys(headers).length > 0) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(fileOf(sessionId), JSON.stringify(headers));
      }
      return sessionServers(sessionId, shown);
    },
    async fork(sessionId, from, shown) {
      const text = await readFile(fileOf(from), 'utf8').catch(noneIfMissing);
      if (text !== undefined) await writeWhole(fileOf(sessionId), text);
      return sessionServers(sessionId, shown);
    },
    restore: sessionServers,
    forget: (sessionId) => rm(fileOf(sessionId), { force: true }),
    async sweep(open) {
      const names = (await readdir(folder).catch(noneIfMissing)) ?? [];
      // Without this: keeps the credentials of sessions that have ended
      const ended = names.filter((name) => !open.has(name.replace(/\.json$/, '')));
      await Promise.all(ended.map((name) => rm(join(folder, name), { force: true })));
    },
  };
}

function noneIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function transportOf(server: McpServerLaunch): McpServer['transport'] {
  return 'url' in server ? server.transport : 'stdio';
}

/** Why an agent is not sent to this URL, if so. */
function problemOf(text: string, hosts: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return `expected a URL, got ${text}`;
  const { username, password, hostname, host } = new URL(text);
  if (username !== '' || password !== '') return 'expected no user and password in it; headers carry credentials';
  const isAllowed = hosts
    .map((allowed) => allowed.toLowerCase())
    .some(
      (allowed) =>
        allowed === '*' ||
        [host, hostname].includes(allowed) ||
        (allowed.startsWith('*.') && [host, hostname].some((name) => name.endsWith(allowed.slice(1)))),
    );
  if (isAllowed) return undefined;
  return hosts.length === 0
    ? 'the operator allows no servers by URL'
    : `expected a host of ${hosts.join(', ')}, got ${host}`;
}

/** The values of servers that must not be shown: credentials of the operator and of sessions. */
export function secretsOf(servers: readonly McpServerLaunch[]): string[] {
  const values = servers.flatMap((server) => Object.values(('url' in server ? server.headers : server.env) ?? {}));
  // A header such as `Bearer x` may be told without its first word.
  const all = values.flatMap((value) => [value, ...value.split(' ')]);
  return [...new Set(all)].filter((value) => value.length >= MIN_SECRET);
}

/** A shorter value may be an ordinary word, which an agent may say for other reasons. */
const MIN_SECRET = 16;
