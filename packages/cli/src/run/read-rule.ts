import type { CreateSessionRequest } from '@parleyhq/client';
import { InvalidArgumentError } from 'commander';

/** A rule of a session for what its agent asks. */
export type Rule = NonNullable<CreateSessionRequest['approval_rules']>[number];

/** Between two parts of a rule: a comma within a command or a path is none. */
const BETWEEN = /,(?=(?:kind|command|path)=)/;

/**
 * Creates the reader of an option that can be repeated, such as `--allow kind=edit,path=src/**`: `kind`, `command` and `path`, one
 * or more of them.
 */
export function readRules(action: Rule['action']) {
  return (text: string, before: readonly Rule[] = []): readonly Rule[] => {
    const parts = text.split(BETWEEN).map((part) => {
      const [, name = '', value = ''] = /^(kind|command|path)=(.+)$/s.exec(part) ?? [];
      if (name !== '') return [name, value] as const;
      const such = 'such as kind=read, path=src/** or command=npm test*, or several of them with commas';
      throw new InvalidArgumentError(`Expected kind, command or path, ${such}; got ${part}.`);
    });
    return [...before, { ...Object.fromEntries(parts), action }];
  };
}
