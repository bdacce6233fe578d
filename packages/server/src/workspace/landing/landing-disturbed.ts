import type { FileProblem } from '@parleyhq/contract';

/** A landing that came to nothing because of files that changed under it or cannot be written. Nothing is left of it. */
export class LandingDisturbed extends Error {
  override readonly name: string = 'LandingDisturbed';
  readonly problems: readonly FileProblem[];

  constructor(problems: readonly FileProblem[], options?: ErrorOptions) {
    super('files changed while the patch was being written', options);
    this.problems = problems;
  }
}

/** A landing that failed and could not be taken back in these files. */
export class LandingLeft extends LandingDisturbed {
  override readonly name = 'LandingLeft';
}

/** What the system refuses is the matter of that file; all else is a fault. */
export async function told<T>({ path }: { readonly path: string }, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw disturbed(path, `cannot be written: ${error.message}`);
    throw error;
  }
}

/** A landing that one file keeps from going on. */
export function disturbed(path: string, reason: string): LandingDisturbed {
  return new LandingDisturbed([{ path, reason }]);
}
