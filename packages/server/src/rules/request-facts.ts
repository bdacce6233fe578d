import { join, relative, resolve } from 'node:path';
import type { PermissionRequest } from '@parleyhq/agents';
import { followLinks } from '../workspace/planned-file.js';
import { isInside } from '../workspace/roots.js';

/** What approval rules look at in a request. All of it is what the agent says. */
export interface RequestFacts {
  readonly kind: string;
  /** The command line of an `execute`; undefined if the agent did not say it, or it is too long to be compared. */
  readonly command: string | undefined;
  /** The files that the request names. */
  readonly files: readonly TouchedFile[];
  /** Whether it names more files, or longer ones, than are compared. */
  readonly hasOtherFiles: boolean;
}

/** A file, as absolute paths: as it is named, and with its links followed. */
export interface TouchedFile {
  readonly named: string;
  readonly real: string;
}

/** Where the files of a session are. */
export interface SessionPlaces {
  readonly cwd: string;
  /** Where the agent works: `cwd`, or a copy of it. */
  readonly folder: string;
}

const MAX_COMMAND = 4_096;
const MAX_PATH = 1_024;
const MAX_FILES = 64;

/** Reads the facts of a request. Links are followed where the agent works. */
export async function readFacts(request: PermissionRequest, places: SessionPlaces): Promise<RequestFacts> {
  const { toolCall, edits, editsOmitted } = request;
  const diffs = toolCall.content.filter((block) => block.type === 'diff');
  const paths = [...new Set([...edits, ...diffs, ...toolCall.locations].map(({ path }) => path))];
  const compared = paths.filter((path) => path.length <= MAX_PATH).slice(0, MAX_FILES);
  const command = toolCall.kind === 'execute' ? commandLine(toolCall.raw_input) : undefined;
  return {
    kind: toolCall.kind,
    command: command !== undefined && command.length <= MAX_COMMAND ? command : undefined,
    files: await Promise.all(compared.map((path) => locate(resolve(places.cwd, path), places))),
    hasOtherFiles: editsOmitted > 0 || compared.length < paths.length,
  };
}

async function locate(named: string, { cwd, folder }: SessionPlaces): Promise<TouchedFile> {
  // Without this: allows a file behind a link that leads to another place
  const real = await followLinks(moved(named, cwd, folder));
  return { named, real: moved(real, folder, cwd) };
}

/** The path below `to` that a path below `from` has there. */
function moved(path: string, from: string, to: string): string {
  return isInside(from, path) ? join(to, relative(from, path)) : path;
}

/** A shell that is given its script as an argument, as Codex does. */
const SHELL = /^(\/(usr\/(local\/)?)?bin\/)?(ba|da|k|z)?sh$/;

/** The command line in `raw_input`: `command` as a text or as a list, and `args` if there are any. */
function commandLine(rawInput: unknown): string | undefined {
  if (typeof rawInput !== 'object' || rawInput === null || !('command' in rawInput)) return undefined;
  const args = 'args' in rawInput ? rawInput.args : [];
  const words: unknown[] = [rawInput.command, args].flat();
  if (!words.every((word) => typeof word === 'string')) return undefined;
  const [shell = '', option = '', script] = words;
  if (words.length === 3 && SHELL.test(shell) && /^-l?c$/.test(option)) return script;
  return words.join(' ');
}
