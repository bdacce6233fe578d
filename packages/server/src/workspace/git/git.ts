import { spawn } from 'node:child_process';
import { signalGroup } from '@parleyhq/agents';
import { ServiceError } from '@parleyhq/contract';

/** Where a git command runs, and on what. */
export interface GitCall {
  readonly cwd: string;
  /** A repository of the server's own; without it, the user's is found from `cwd` and only read. */
  readonly gitDir?: string | undefined;
  readonly workTree?: string | undefined;
  /** The index to use in place of the repository's. */
  readonly index?: string | undefined;
  readonly input?: Buffer | string | undefined;
  /** Exit codes that are answers and no failures. @default [0] */
  readonly answers?: readonly number[] | undefined;
  /** Settings of this call alone. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** More output than this many bytes is a failure. @default 1 GiB */
  readonly maxOutput?: number | undefined;
  /** Milliseconds after which it is killed. @default 300_000 // 5 minutes */
  readonly limit?: number | undefined;
}

/** What a git command printed, and its exit code. */
export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
}

/** Runs git, without a shell. */
export interface Git {
  /**
   * @throws GitError for an exit code that is no answer, GitTimeout past the limit, ServiceError `Unavailable` where there
   * is no usable git.
   */
  run(args: readonly string[], call: GitCall): Promise<GitAnswer>;
  /** What it printed, as text without the last newline. */
  line(args: readonly string[], call: GitCall): Promise<string>;
}

/** A git command failed: a fault of ours, of the disk, or of a repository that is broken. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly code: number | null;
  readonly stderr: string;

  constructor(args: readonly string[], code: number | null, stderr: string) {
    super(`git ${args[0]} ended with ${code ?? 'a signal'}: ${stderr.trim()}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/** A git command that did not end: something that it read gives nothing, a pipe in place of a file above all. */
export class GitTimeout extends Error {
  override readonly name = 'GitTimeout';

  constructor(args: readonly string[], limit: number) {
    super(`git ${args[0]} did not end within ${limit} ms`);
  }
}

/** The oldest git that knows GIT_CONFIG_GLOBAL. */
const NEEDED = [2, 32] as const;
const MAX_OUTPUT = 1_073_741_824;
const MAX_STDERR = 4_096;
const LIMIT = 300_000;

/** Nothing in any repository may start a program, reach a network, or be tidied up behind our back. */
const HARMLESS = {
  'core.fsmonitor': 'false',
  'core.untrackedCache': 'false',
  'core.hooksPath': '/dev/null',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'protocol.allow': 'never',
  // The operator allowed the folder by its root; whose it is does not matter, since nothing in it is run.
  'safe.directory': '*',
};

/** Bytes are kept as they are, and are on the disk when a command has ended. */
const EXACT = {
  'core.autocrlf': 'false',
  'core.safecrlf': 'false',
  'core.quotePath': 'false',
  'core.excludesFile': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.splitIndex': 'false',
  'core.compression': '1',
  'core.fsync': 'loose-object,pack,pack-metadata',
  'core.fsyncMethod': 'batch',
};

/** The git on the PATH of an environment. Variables of git's own in it do not reach the command. */
export function createGit(env: Readonly<Record<string, string | undefined>> = process.env): Git {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
  let checked: Promise<void> | undefined;

  function environment({ gitDir, workTree, index, config }: GitCall): Record<string, string | undefined> {
    const own = gitDir === undefined ? {} : { ...EXACT };
    const settings = Object.entries({ ...HARMLESS, ...own, ...config });
    return {
      ...clean,
      LC_ALL: 'C',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      // Above all settings: a repository that an agent has laid out may name a program as its remote, allow it, and lack
      // an object that even a list of files is made of.
      // Without this: lets git fetch, with a program that a repository in a copy names, what that lacks
      GIT_ALLOW_PROTOCOL: 'none',
      // Without this: lets git fetch, with a program that a repository in a copy names, what that lacks
      GIT_NO_LAZY_FETCH: '1',
      GIT_CONFIG_COUNT: String(settings.length),
      ...Object.fromEntries(settings.map(([key], at) => [`GIT_CONFIG_KEY_${at}`, key])),
      ...Object.fromEntries(settings.map(([, value], at) => [`GIT_CONFIG_VALUE_${at}`, value])),
      // What the user's own git leaves out, by whatever settings, is read with those settings.
      ...(gitDir === undefined ? {} : { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_DIR: gitDir }),
      ...(workTree === undefined ? {} : { GIT_WORK_TREE: workTree }),
      ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    };
  }

  async function run(args: readonly string[], call: GitCall): Promise<GitAnswer> {
    checked ??= check().catch((error: unknown) => {
      // It may be installed by the next time.
      checked = undefined;
      throw error;
    });
    await checked;
    const { code, stdout, stderr } = await spawnGit(args, call, environment(call));
    if (code === null || !(call.answers ?? [0]).includes(code)) throw new GitError(args, code, stderr);
    return { code, stdout };
  }

  async function check(): Promise<void> {
    const needed = `Isolated workspaces need git ${NEEDED.join('.')} or later on the server's PATH`;
    const { stdout } = await spawnGit(['version'], { cwd: '/' }, clean).catch((cause: unknown) => {
      throw new ServiceError('Unavailable', `${needed}; none was found.`, { cause });
    });
    const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout.toString()) ?? []).map(Number);
    if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return;
    throw new ServiceError('Unavailable', `${needed}; it has ${stdout.toString().trim()}.`);
  }

  return { run, line: async (args, call) => (await run(args, call)).stdout.toString().replace(/\n$/, '') };
}

/** The same git, with less time for each command. */
export function withLimit(git: Git, limit: number): Git {
  return {
    run: (args, call) => git.run(args, { limit, ...call }),
    line: (args, call) => git.line(args, { limit, ...call }),
  };
}

function spawnGit(args: readonly string[], call: GitCall, env: Readonly<Record<string, string | undefined>>) {
  return new Promise<{ code: number | null; stdout: Buffer; stderr: string }>((resolve, reject) => {
    // In a group of its own, so that what it starts ends with it.
    const child = spawn('git', args, { cwd: call.cwd, env, stdio: 'pipe', detached: true });
    const { maxOutput = MAX_OUTPUT, limit = LIMIT } = call;
    const kill = () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL');
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      kill();
    }, limit);
    const chunks: Buffer[] = [];
    let size = 0;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutput) kill();
      else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk).slice(-MAX_STDERR);
    });
    // A command that ends before it has read everything says why by its exit code.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(call.input ?? '');
    child.on('error', (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(deadline);
      if (late) reject(new GitTimeout(args, limit));
      else resolve({ code, stdout: Buffer.concat(chunks), stderr });
    });
  });
}
