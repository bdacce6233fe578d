import { createRequire } from 'node:module';
import { Command } from 'commander';
import { EXIT, ExitError } from './exit-error.js';
import { recordCommand } from './record/record-command.js';
import { replayCommand } from './record/replay-command.js';
import { runCommand } from './run/run-command.js';
import { serveCommand } from './serve/serve-command.js';
import { sessionsCommand } from './sessions/sessions-command.js';
import { tokenCommand } from './token/token-command.js';
import { verifyCommand } from './verify/verify-command.js';

const { version }: { version: string } = createRequire(import.meta.url)('../package.json');

/** The `parley` command. Parsing rejects with an ExitError where the command has to end with another code than 0. */
export function createProgram(): Command {
  const program = new Command('parley')
    .description('A server in front of coding agents: one contract for every application and every agent.')
    .version(version)
    .addCommand(serveCommand())
    .addCommand(runCommand())
    .addCommand(sessionsCommand())
    .addCommand(tokenCommand())
    .addCommand(verifyCommand())
    .addCommand(recordCommand())
    .addCommand(replayCommand())
    .addHelpText(
      'after',
      `
Begin with:
  parley run "Add a test"   an agent at work in the folder you are in
  parley serve              a server for the folder you are in
  parley serve --help       everything it can be told`,
    );
  prepare(program, 'parley');
  return program;
}

/** Makes a command and those below it end with an ExitError, and say where to learn more. */
function prepare(command: Command, name: string): void {
  command.showHelpAfterError(`(${name} --help tells more)`).exitOverride((error) => {
    throw new ExitError(error.exitCode === 0 ? 0 : EXIT.usage, '');
  });
  for (const below of command.commands) prepare(below, `${name} ${below.name()}`);
}
