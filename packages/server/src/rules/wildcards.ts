/** How the parts of a pattern are compared with the parts of a text. */
interface Comparison {
  /** Whether a part of the pattern stands for any number of parts of the text. */
  readonly isStar: (part: string) => boolean;
  readonly fits: (part: string, of: string) => boolean;
  /** Whether a star may stand for this part of a text. */
  readonly covers: (of: string) => boolean;
}

/**
 * Whether a text fits a pattern as a whole. It takes as many steps as the product of the two lengths at most: patterns come from
 * applications, and a regular expression made of one could hold up the server.
 */
function matches(pattern: readonly string[], text: readonly string[], { isStar, fits, covers }: Comparison): boolean {
  let at = 0;
  let star = -1;
  let covered = 0;
  for (let next = 0; next < text.length; ) {
    const part = pattern[at];
    if (part !== undefined && isStar(part)) {
      star = at;
      covered = next;
      at += 1;
    } else if (part !== undefined && fits(part, text[next] ?? '')) {
      at += 1;
      next += 1;
    } else if (star !== -1 && covers(text[covered] ?? '')) {
      covered += 1;
      next = covered;
      at = star + 1;
    } else return false;
  }
  return pattern.slice(at).every(isStar);
}

const anything = () => true;

/** Whether a path fits a glob: `**` stands for any folders, `*` and `?` for characters of one name. */
export function matchesGlob(glob: string, path: string): boolean {
  return matches(glob.split('/'), path.split('/'), {
    isStar: (segment) => segment === '**',
    fits: matchesName,
    covers: anything,
  });
}

function matchesName(pattern: string, name: string): boolean {
  return matches([...pattern], [...name], {
    isStar: (character) => character === '*',
    fits: (character, of) => character === '?' || character === of,
    covers: anything,
  });
}

/** What makes more than one command of a line, or redirects it; also where it is in quotes. */
export const SHELL_OPERATORS = ';&|()<>`\n\r';

/** Whether a command line fits a pattern. With `operators`, its `*` may also stand for operators of the shell. */
export function matchesCommand(pattern: string, command: string, { operators }: { operators: boolean }): boolean {
  return matches([...pattern], [...command], {
    isStar: (character) => character === '*',
    fits: (character, of) => character === of,
    // Without this: allows a second command behind the one that a rule allows
    covers: (character) => operators || !SHELL_OPERATORS.includes(character),
  });
}
