import { mkdir, stat } from 'node:fs/promises';
import { parse, resolve } from 'node:path';
import { type AgentCatalog, createAgentCatalog } from '@parleyhq/agents';
import { createForwardedReader, type ForwardedReader } from './auth/forwarded.js';
import { type CheckedLimits, checkLimits } from './limits.js';
import { connectionsWithin, openFileLimit } from './open-files.js';
import { OptionError } from './option-error.js';
import type { ServerOptions } from './options.js';
import { readTls, type TlsFiles } from './read-tls.js';
import { problemOfRules } from './rules/check-rules.js';
import { APPROVAL_POLICIES } from './sessions/approval-policy.js';

/** Valid options, with every default filled in. */
export interface CheckedOptions {
  readonly host: string;
  readonly port: number;
  readonly roots: readonly string[];
  readonly publicUrl: URL | undefined;
  readonly allowHosts: readonly string[];
  readonly allowOrigins: readonly string[];
  readonly agents: AgentCatalog;
  readonly defaultAgent: string;
  readonly tls: TlsFiles | undefined;
  readonly readForwarded: ForwardedReader;
  readonly limits: CheckedLimits;
  /** Warnings about settings that work but are not advisable, in sentences for people. */
  readonly warnings: readonly string[];
}

/**
 * Checks the options before anything is opened.
 *
 * @throws OptionError naming the option, what was expected and what was given.
 */
export async function checkOptions(options: ServerOptions): Promise<CheckedOptions> {
  const { host = '127.0.0.1', port = 8080, publicUrl, allowHosts = [], allowOrigins = [] } = options;
  if (host === '') throw new OptionError('host', 'expected an address to listen at, got an empty text');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new OptionError('port', `expected a whole number from 0 to 65535, got ${port}`);
  }
  if (options.dataDir === '') throw new OptionError('dataDir', 'expected a folder, got an empty text');
  if (options.recordDir !== undefined) await makeFolder(options.recordDir);
  for (const name of allowHosts) checkHost(name);
  for (const origin of allowOrigins) checkOrigin(origin);
  checkBind(host, options);
  const { maxApprovalPolicy: policy } = options;
  if (policy !== undefined && !APPROVAL_POLICIES.includes(policy)) {
    throw new OptionError('maxApprovalPolicy', `expected one of ${APPROVAL_POLICIES.join(', ')}, got ${policy}`);
  }
  checkMcpServers(options);
  const problem = problemOfRules(options.approvalRules ?? []);
  if (problem !== undefined) throw new OptionError('approvalRules', `rule ${problem.place}: ${problem.message}`);
  const agents = readAgents(options);
  const defaultAgent = options.defaultAgent ?? 'demo';
  if (!agents.get(defaultAgent)) {
    const names = agents.list().map(({ name }) => name);
    throw new OptionError('defaultAgent', `expected one of ${names.join(', ')}, got ${defaultAgent}`);
  }
  const roots = options.roots?.length ? options.roots.map((root) => resolve(root)) : [startFolder()];
  for (const root of roots) await checkRoot(root);
  const tls = await readTls(options.tlsCert, options.tlsKey);
  const warnings = tls || isLoopback(host) ? [] : [NO_TLS];
  const limits = checkLimits(options.limits);
  const openFiles = openFileLimit();
  // Without this: lets strangers take every file that the server may open
  const maxTcpConnections = Math.min(limits.maxTcpConnections, connectionsWithin(openFiles));
  if (maxTcpConnections < limits.maxTcpConnections) warnings.push(fewFiles(openFiles, maxTcpConnections));
  if (process.pid === 1) warnings.push(NO_INIT);
  return {
    ...{ tls, readForwarded: readForwarded(options), warnings },
    limits: { ...limits, maxTcpConnections },
    ...{ host, port, roots, allowHosts, allowOrigins, agents, defaultAgent },
    publicUrl: publicUrl === undefined ? undefined : readPublicUrl(publicUrl),
  };
}

const NO_TLS =
  'Tokens and sessions can be read by everyone on the way: others reach this address, and it speaks no TLS. Give it a ' +
  'certificate (--tls-cert, --tls-key), or let it listen at 127.0.0.1 behind a proxy that has one.';

const NO_INIT =
  'This is the first process of its container, and agents leave processes to it that it cannot reap. Start it below an init ' +
  '(docker run --init).';

function fewFiles(openFiles: number, connections: number): string {
  return (
    `At most ${connections} connections are taken, since this process may have only ${openFiles} files open. ` +
    'Allow it more (ulimit -n), or set max_tcp_connections.'
  );
}

// If other machines reach the server, its names must be known. Otherwise any page could use DNS rebinding.
function checkBind(host: string, { publicUrl, allowHosts = [] }: ServerOptions): void {
  if (isLoopback(host) || publicUrl !== undefined || allowHosts.length > 0) return;
  const expected = 'expected the names that others reach this server by, in --allow-host or --public-url';
  throw new OptionError('host', `${expected}, beside the address ${host}; got neither`);
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}

function readForwarded({ trustProxy = [] }: ServerOptions): ForwardedReader {
  const expected = 'expected how many proxies there are, from 1 to 16, or their addresses';
  if (typeof trustProxy === 'number' && !(Number.isInteger(trustProxy) && trustProxy >= 1 && trustProxy <= 16)) {
    throw new OptionError('trustProxy', `${expected}, got ${trustProxy}`);
  }
  try {
    return createForwardedReader(trustProxy);
  } catch (error) {
    throw new OptionError('trustProxy', `${expected}, got ${error instanceof Error ? error.message : error}`);
  }
}

function startFolder(): string {
  const folder = process.cwd();
  if (folder !== parse(folder).root) return folder;
  throw new OptionError(
    'roots',
    `expected a folder: the server was started in ${folder}, which is never a root by itself`,
  );
}

async function checkRoot(root: string): Promise<void> {
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new OptionError('roots', `expected an existing folder, got ${root}`);
}

async function makeFolder(recordDir: string): Promise<void> {
  await mkdir(recordDir, { recursive: true, mode: 0o700 }).catch((error: Error) => {
    throw new OptionError('recordDir', `expected a folder to write to, got ${recordDir} (${error.message})`);
  });
}

function readAgents({ agents, agentWrapper, env, recordDir }: ServerOptions): AgentCatalog {
  try {
    return createAgentCatalog({
      ...(agents && { agents }),
      ...(agentWrapper && { wrapper: agentWrapper }),
      ...(env && { env }),
      ...(recordDir !== undefined && { recordDir: resolve(recordDir) }),
    });
  } catch (error) {
    throw new OptionError('agents', error instanceof Error ? error.message : String(error));
  }
}

function checkMcpServers({ mcpServers = [], mcpHosts = [] }: ServerOptions): void {
  for (const [index, server] of mcpServers.entries()) {
    const { name } = server;
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) {
      throw new OptionError('mcpServers', `expected letters, digits, - and _ in a name, got ${name}`);
    }
    if (mcpServers.findIndex((other) => other.name === name) !== index) {
      throw new OptionError('mcpServers', `expected each name once, got ${name} twice`);
    }
    if ('url' in server && !/^https?:\/\//.test(URL.canParse(server.url) ? server.url : '')) {
      throw new OptionError('mcpServers', `expected an http:// or https:// URL for ${name}, got ${server.url}`);
    }
  }
  for (const host of mcpHosts) {
    if (/^(\*|(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?)$/i.test(host)) continue;
    throw new OptionError('mcpHosts', `expected a host such as mcp.example.com or *.example.com, or *, got ${host}`);
  }
}

function readPublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password) return url;
  throw new OptionError('publicUrl', `expected http:// or https:// with a host and perhaps a path, got ${text}`);
}

function checkHost(name: string): void {
  if (name === '*' || /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.test(name)) return;
  throw new OptionError(
    'allowHosts',
    `expected a host such as parley.example or parley.example:8443, or *, got ${name}`,
  );
}

function checkOrigin(origin: string): void {
  if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) return;
  throw new OptionError(
    'allowOrigins',
    `expected an origin such as https://app.example without a path, or *, got ${origin}`,
  );
}
