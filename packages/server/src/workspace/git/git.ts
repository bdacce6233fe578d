import { spawn } from 'node:child_process';
import { signalGroup } from '@parleyhq/agents';
import { ServiceError } from '@parleyhq/contract';

/** The options of a git command. */
export interface GitCall {
  readonly cwd: string;
  /** A repository of the server. Without it, git finds the user's repository from `cwd`, which is only read. */
  readonly gitDir?: string | undefined;
  readonly workTree?: string | undefined;
  /** The index to use instead of that of the repository. */
  readonly index?: string | undefined;
  readonly input?: Buffer | string | undefined;
  /** Exit codes that do not count as failures. @default [0] */
  readonly answers?: readonly number[] | undefined;
  /** Settings for this call only. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** The maximum output in bytes; with more, the command fails. @default 1 GiB */
  readonly maxOutput?: number | undefined;
  /** Milliseconds after which the command is killed. @default 300_000 // 5 minutes */
  readonly limit?: number | undefined;
  /** Kills the command. */
  readonly signal?: AbortSignal | undefined;
}

/** The output of a git command, and its exit code. */
export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
}

/** Runs git, without a shell. */
export interface Git {
  /**
   * @throws GitError for an exit code that is not in `answers`, GitTimeout after the limit, ServiceError `Unavailable` if there
   * is no usable git.
   */
  run(args: readonly string[], call: GitCall): Promise<GitAnswer>;
  /** The output as text, without the last newline. */
  line(args: readonly string[], call: GitCall): Promise<string>;
}

/**
 * A git command failed: because of our own fault, the disk, or a broken repository. What git wrote to stderr is not kept: it
 * quotes the files that it reads, and a project decides which these are.
 */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly code: number | null;
  /** Whether git found no repository. */
  readonly isNoRepository: boolean;

  constructor(args: readonly string[], code: number | null, stderr: string) {
    super(`git ${args[0]} ended with ${code ?? 'a signal'}`);
    this.code = code;
    this.isNoRepository = stderr.includes('not a git repository');
  }
}

/** A git command did not end in time. The usual reason is a pipe in place of a file, which gives no data. */
export class GitTimeout extends Error {
  override readonly name = 'GitTimeout';

  constructor(args: readonly string[], limit: number) {
    super(`git ${args[0]} did not end within ${limit} ms`);
  }
}

/**
 * The largest file, in bytes, that git compares line by line, or has whole in memory. It keeps forty bytes for each line, of
 * which an agent can write one with each byte. Larger files are copied and land in pieces.
 */
export const MAX_COMPARED = 8_388_608;

/** The oldest git that supports GIT_CONFIG_GLOBAL. */
const NEEDED = [2, 32] as const;
const MAX_OUTPUT = 1_073_741_824;
const MAX_STDERR = 4_096;
const LIMIT = 300_000;

/** No repository may start a program, use the network, or be cleaned up automatically. */
const HARMLESS = {
  'core.fsmonitor': 'false',
  'core.untrackedCache': 'false',
  'core.hooksPath': '/dev/null',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'protocol.allow': 'never',
  // The operator has allowed the folder with a root. Its owner does not matter, since nothing in it is run.
  'safe.directory': '*',
};

/** Bytes are not converted, and they are on the disk when a command has ended. */
const EXACT = {
  'core.autocrlf': 'false',
  'core.safecrlf': 'false',
  'core.quotePath': 'false',
  'core.excludesFile': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.splitIndex': 'false',
  'core.compression': '1',
  // Without this: compares files of any size, with forty times as much memory
  'core.bigFileThreshold': String(MAX_COMPARED),
  'core.fsync': 'loose-object,pack,pack-metadata',
  'core.fsyncMethod': 'batch',
};

/**
 * Git gets a quarter of a megabyte for each file that it compresses. The C library of Linux would ask the system for it each time,
 * and give it back, which takes ten times as long as all the rest. Others pass over these.
 */
const HEAP = {
  MALLOC_MMAP_THRESHOLD_: '67108864',
  MALLOC_TRIM_THRESHOLD_: '268435456',
  MALLOC_TOP_PAD_: '8388608',
};

/** Runs the git on the PATH of an environment. Its `GIT_*` variables are not passed to git. */
export function createGit(env: Readonly<Record<string, string | undefined>> = process.env): Git {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
  let checked: Promise<void> | undefined;

  function environment({ gitDir, workTree, index, config }: GitCall): Record<string, string | undefined> {
    const own = gitDir === undefined ? {} : { ...EXACT };
    const settings = Object.entries({ ...HARMLESS, ...own, ...config });
    return {
      ...HEAP,
      ...clean,
      LC_ALL: 'C',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      // These override all settings. In a repository that an agent has prepared, a missing object could otherwise make git
      // fetch from a remote that is a program.
      // Without this: lets git fetch, with a program that a repository in a copy names, what that lacks
      GIT_ALLOW_PROTOCOL: 'none',
      // Without this: lets git fetch, with a program that a repository in a copy names, what that lacks
      GIT_NO_LAZY_FETCH: '1',
      GIT_CONFIG_COUNT: String(settings.length),
      ...Object.fromEntries(settings.map(([key], at) => [`GIT_CONFIG_KEY_${at}`, key])),
      ...Object.fromEntries(settings.map(([, value], at) => [`GIT_CONFIG_VALUE_${at}`, value])),
      // The user's repository is read with the user's settings, since they decide which files are ignored.
      ...(gitDir === undefined ? {} : { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_DIR: gitDir }),
      ...(workTree === undefined ? {} : { GIT_WORK_TREE: workTree }),
      ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    };
  }

  async function run(args: readonly string[], call: GitCall): Promise<GitAnswer> {
    checked ??= check().catch((error: unknown) => {
      // It is checked again with the next call, since it may be installed by then.
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

/** The same git, with other defaults for each command. */
export function withDefaults(git: Git, defaults: Pick<GitCall, 'limit' | 'signal'>): Git {
  return {
    run: (args, call) => git.run(args, { ...defaults, ...call }),
    line: (args, call) => git.line(args, { ...defaults, ...call }),
  };
}

function spawnGit(args: readonly string[], call: GitCall, env: Readonly<Record<string, string | undefined>>) {
  return new Promise<{ code: number | null; stdout: Buffer; stderr: string }>((resolve, reject) => {
    // In its own process group, so that its child processes are killed too.
    const child = spawn('git', args, { cwd: call.cwd, env, stdio: 'pipe', detached: true });
    const { maxOutput = MAX_OUTPUT, limit = LIMIT, signal } = call;
    const kill = () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL');
    if (signal?.aborted) kill();
    // Without this: waits for git, though the server is stopping
    signal?.addEventListener('abort', kill);
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
    // If a command ends before it has read all input, its exit code tells why.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(call.input ?? '');
    const done = () => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', kill);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (code) => {
      done();
      if (late) reject(new GitTimeout(args, limit));
      // With too much output it has failed, also if it ended by itself before it was killed.
      else resolve({ code: size > maxOutput ? null : code, stdout: Buffer.concat(chunks), stderr });
    });
  });
}
