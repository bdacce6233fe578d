import { parsePatch, type StructuredPatch } from 'diff';
import { type Raw, readObject, readObjects, readText } from '../../map/read.js';

/** A diff of version 2 in words of version 1. */
export interface MappedDiff {
  /** A diff for each hunk: the lines that it replaces, and those in their place. What has no hunks is told in words. */
  readonly content: readonly Raw[];
  /** The paths of the changes that are told in words. */
  readonly paths: readonly string[];
}

/** Maps a diff: its changes name the files, and its patch shows what is in them. */
export function mapDiff(diff: Raw): MappedDiff {
  const files = readPatch(readObject(diff.patch));
  const shown = new Set<StructuredPatch>();
  const paths: string[] = [];
  const content = readObjects(diff.changes, 1_024).flatMap((change) => {
    const path = readText(change.path) ?? '';
    const file = files.find((one) => !shown.has(one) && isOf(one, path));
    if (file) shown.add(file);
    const hunks = file?.hunks.map((hunk) => mapHunk(path, hunk.lines, change.operation === 'add')) ?? [];
    const isPlain = change.operation === 'modify' || change.operation === 'add' || change.operation === 'delete';
    if (isPlain && hunks.length > 0) return hunks;
    // Without this: allows a change of a file that no path of the request names
    paths.push(...[change.path, change.oldPath].flatMap((one) => readText(one) ?? []));
    return [inWords(change), ...hunks];
  });
  const rest = files.length === 0 ? readText(readObject(diff.patch)?.text) : undefined;
  return { content: rest ? [...content, text(rest)] : content, paths };
}

/** The files of a patch of git; none of another patch, or of one that cannot be read. */
function readPatch(patch: Raw | undefined): StructuredPatch[] {
  const diff = readText(patch?.text);
  if (diff === undefined || patch?.format !== 'git_patch') return [];
  try {
    return parsePatch(diff).filter(({ hunks }) => hunks.length > 0);
  } catch {
    return [];
  }
}

/** Whether a file of a patch, whose names begin with `a/` and `b/`, has this absolute path. */
function isOf({ oldFileName, newFileName }: StructuredPatch, path: string): boolean {
  return [oldFileName, newFileName].some((given) => {
    const name = given?.replace(/^[ab]\//, '') ?? '';
    return name !== '' && name !== '/dev/null' && (path === name || path.endsWith(`/${name}`));
  });
}

function mapHunk(path: string, lines: readonly string[], isNew: boolean): Raw {
  const side = (sign: string) => {
    const kept = lines.flatMap((line, index) => {
      if (!line.startsWith(sign) && !line.startsWith(' ') && line !== '') return [];
      return line.slice(1) + (lines[index + 1]?.startsWith('\\') ? '' : '\n');
    });
    return kept.join('');
  };
  return { type: 'diff', path, oldText: isNew ? null : side('-'), newText: side('+') };
}

/** A change without lines, such as a move or that of an image. */
function inWords({ operation, path, oldPath, fileType }: Raw): Raw {
  const what = typeof fileType === 'string' && fileType !== 'text' ? ` (${fileType})` : '';
  const from = readText(oldPath);
  return text(`${operation} ${from === undefined ? path : `${from} to ${path}`}${what}`);
}

function text(words: string): Raw {
  return { type: 'content', content: { type: 'text', text: words } };
}
