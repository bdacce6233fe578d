import { realpathSync } from 'node:fs';

import { CWD_PLACE, HOME_PLACE } from './cassette.js';

/** Replaces the folders of this machine in a cassette. */
export interface PlaceRemover {
  /** From now on this folder is `{{parley.cwd}}`. */
  learnCwd(folder: string): void;
  remove(text: string): string;
}

/** Creates a remover that knows a home directory. Only whole paths match: `/work` matches neither `/workshop` nor `/old/work`. */
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

/** The path with its links resolved: agents often write that one. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder; // the folder does not exist, so there is no other path to it
  }
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
