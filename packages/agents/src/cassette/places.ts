import { realpathSync } from 'node:fs';

import { CWD_PLACE, HOME_PLACE } from './cassette.js';

/** Takes this machine's folders out of what goes into a cassette. */
export interface PlaceRemover {
  /** From now on this folder is `{{parley.cwd}}`. */
  learnCwd(folder: string): void;
  remove(text: string): string;
}

/** Creates a remover of a home. A folder is known only whole: `/work` is not part of `/workshop`, nor of `/old/work`. */
export function createPlaceRemover(home: string | undefined): PlaceRemover {
  const folders = new Map<string, string>();
  let pattern: RegExp | undefined;
  const learn = (folder: string, place: string) => {
    for (const name of new Set([folder.replace(/\/+$/, ''), realPath(folder)])) {
      if (name.startsWith('/') && name !== '/' && folders.get(name) !== CWD_PLACE) folders.set(name, place);
    }
    const names = [...folders.keys()].sort((one, other) => other.length - one.length); // the inner one first
    // The sides of a unified diff are called a and b.
    const before = '(?:(?<![\\w.-])|(?<=(?:^|\\s)[ab]))';
    if (names.length > 0) pattern = new RegExp(`${before}(?:${names.map(quote).join('|')})(?![\\w-]|\\.\\w)`, 'g');
  };
  if (home !== undefined) learn(home, HOME_PLACE);
  return {
    learnCwd: (folder) => learn(folder, CWD_PLACE),
    remove: (text) => (pattern ? text.replace(pattern, (name) => folders.get(name) ?? name) : text),
  };
}

/** Agents often say where a link leads instead of its name. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder; // nothing is there: no other name either
  }
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
