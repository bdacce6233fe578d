import { isInside } from './roots.js';

/** Locks on folders. A lock includes everything in the folder. */
export interface PathLocks {
  /** Runs the work when no earlier work holds the folder, a folder inside of it, or a folder around it. */
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
