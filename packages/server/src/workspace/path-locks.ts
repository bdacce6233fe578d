import { isInside } from './roots.js';

/** Lets one at a time work on a folder and on everything in it. */
export interface PathLocks {
  /** Runs the work when nobody else works on the folder, on one inside of it, or on one around it. In order of asking. */
  locked<T>(folder: string, work: () => Promise<T>): Promise<T>;
}

/** Creates locks on resolved paths, for one process. */
export function createPathLocks(): PathLocks {
  const held = new Map<symbol, { readonly folder: string; readonly done: Promise<unknown> }>();

  return {
    async locked(folder, work) {
      const key = Symbol(folder);
      // Without this: lets two sessions land in one directory at once
      const earlier = [...held.values()].filter(
        (other) => isInside(folder, other.folder) || isInside(other.folder, folder),
      );
      const done = Promise.allSettled(earlier.map((other) => other.done)).then(work);
      held.set(key, { folder, done });
      try {
        return await done;
      } finally {
        held.delete(key);
      }
    },
  };
}
