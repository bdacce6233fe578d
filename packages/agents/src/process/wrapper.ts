/** The values for the placeholders of a wrapper, by name. */
export interface WrapperPlaces {
  /** The working directory of the agent. */
  readonly cwd: string;
  /** The same as `cwd`. In an isolated workspace: the whole copy, with its `.git`; `cwd` may be a folder in it. */
  readonly workspace: string;
  /** The server's data directory, with its tokens and its log. */
  readonly data_dir: string | undefined;
  readonly home: string;
}

const NAMES: readonly string[] = ['cwd', 'workspace', 'data_dir', 'home'] satisfies (keyof WrapperPlaces)[];
const PLACEHOLDER = /\{([A-Za-z_-]+)\}/g;

/** Throws an `Error` for a wrapper that is invalid. A wrapper is a command and its arguments, or an empty list. */
export function checkWrapper(wrapper: readonly string[], owner: string): void {
  const wrong = (message: string) => new Error(`${owner}: ${message}`);
  const [command] = wrapper;
  if (command === undefined) return;
  if (command === '' || command.search(PLACEHOLDER) >= 0) {
    throw wrong(`expected a command first, got ${JSON.stringify(command)}`);
  }
  for (const argument of wrapper) {
    if (argument.includes('\0')) throw wrong('expected arguments without NUL characters');
    for (const [placeholder, name = ''] of argument.matchAll(PLACEHOLDER)) {
      if (NAMES.includes(name)) continue;
      throw wrong(`expected ${NAMES.map((known) => `{${known}}`).join(', ')}, got ${placeholder} in ${argument}`);
    }
  }
}

/**
 * A wrapper's command and arguments with the placeholders replaced. Each argument stays one argument, even if a path has
 * spaces: no shell reads them. Braces within a path are not replaced.
 *
 * @throws Error for a placeholder whose value is not known
 */
export function fillWrapper(wrapper: readonly string[], places: WrapperPlaces): string[] {
  const { cwd, workspace, data_dir, home } = places;
  const known = new Map(Object.entries({ cwd, workspace, data_dir, home }));
  return wrapper.map((argument) =>
    argument.replace(PLACEHOLDER, (placeholder, name: string) => {
      const place = known.get(name);
      if (place !== undefined) return place;
      throw new Error(`the wrapper contains ${placeholder}, which has no value here`);
    }),
  );
}
