import type { FileProblem, Patch, PatchFile } from '@parleyhq/contract';
import { type FileDiff, jsonBytes, omitDiff } from './unified-diff.js';

/** Puts a patch together, one file after another, as far as it fits into an answer. */
export interface FittingPatch {
  /** Adds a file. If its diff does not fit any more, the file is there without it. Returns the file as it is there. */
  add(file: FileDiff): PatchFile;
  /** The parts of the patch. `whole` is false if the diff of a file is missing. */
  end(conflicts: readonly FileProblem[]): Pick<Patch, 'files' | 'files_truncated' | 'diff' | 'conflicts'> & {
    readonly whole: boolean;
  };
}

/** Starts a patch that has about `maxBytes` as JSON at most: half of them are for the diff, the rest for files and conflicts. */
export function startPatch(maxBytes: number): FittingPatch {
  const files: PatchFile[] = [];
  const diffs: string[] = [];
  let room = maxBytes / 2;
  return {
    add(given) {
      // Without this: answers with as many bytes as an agent has written
      const shown = given.bytes > room ? omitDiff(given) : given;
      room -= shown.bytes;
      diffs.push(shown.diff);
      files.push(shown.file);
      return shown.file;
    },
    end: (conflicts) => ({
      ...fittingFiles(files, maxBytes),
      diff: diffs.join(''),
      conflicts: fitting(conflicts, maxBytes / 4),
      whole: files.every(({ omitted }) => omitted === undefined),
    }),
  };
}

/** The files of a patch, as far as they fit into an answer of `maxBytes`. */
export function fittingFiles(files: readonly PatchFile[], maxBytes: number): Pick<Patch, 'files' | 'files_truncated'> {
  const listed = fitting(files, maxBytes / 4);
  const truncated = files.length - listed.length;
  return { files: listed, ...(truncated > 0 ? { files_truncated: truncated } : {}) };
}

/** As many of the entries, from the first, as have at most `maxBytes` as JSON. */
function fitting<T>(entries: readonly T[], maxBytes: number): T[] {
  let room = maxBytes;
  const end = entries.findIndex((entry) => {
    room -= jsonBytes(entry) + 1;
    return room < 0;
  });
  return entries.slice(0, end < 0 ? entries.length : end);
}
