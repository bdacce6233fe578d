import { createRequire } from 'node:module';
import { Command } from 'commander';
import { EXIT, ExitError } from './exit-error.js';
import { recordCommand } from './record/record-command.js';
import { serveCommand } from './serve/serve-command.js';

const { version }: { version: string } = createRequire(import.meta.url)('../package.json');

/** The `parley` command. Parsing rejects with an ExitError where the command has to end with another code than 0. */
export function createProgram(): Command {
  const program = new Command('parley')
    .description('A server in front of coding agents: one contract for every application and every agent.')
    .version(version)
    .addCommand(serveCommand())
    .addCommand(recordCommand())
    .addHelpText(
      'after',
      `\nBegin with:\n  parley serve            a server for the folder you are in\n  parley serve --help     everything it can be told`,
    );
  for (const command of [program, ...program.commands]) {
    command.showHelpAfterError(
      `(${[program.name(), command === program ? '' : command.name(), '--help'].filter(Boolean).join(' ')} tells more)`,
    );
    command.exitOverride((error) => {
      throw new ExitError(error.exitCode === 0 ? 0 : EXIT.usage, '');
    });
  }
  return program;
}
