import type { FileProblem } from '@parleyhq/contract';

/** A landing failed, because files changed meanwhile or cannot be written. All its changes have been undone. */
export class LandingDisturbed extends Error {
  override readonly name: string = 'LandingDisturbed';
  readonly problems: readonly FileProblem[];

  constructor(problems: readonly FileProblem[], options?: ErrorOptions) {
    super('files changed while the patch was being written', options);
    this.problems = problems;
  }
}

/** A landing failed, and its changes to these files could not be undone. */
export class LandingLeft extends LandingDisturbed {
  override readonly name = 'LandingLeft';
}

/** Waits for a file operation. An error of the operating system becomes a LandingDisturbed that names the file. */
export async function withPath<T>({ path }: { readonly path: string }, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw disturbed(path, `cannot be written: ${error.message}`);
    throw error;
  }
}

/** The error for a landing that cannot go on because of one file. */
export function disturbed(path: string, reason: string): LandingDisturbed {
  return new LandingDisturbed([{ path, reason }]);
}
