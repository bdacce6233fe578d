import { createRequire } from 'node:module';
import { Command, Help } from 'commander';
import { COMMANDS } from './commands.js';
import { EXIT, ExitError } from './exit-error.js';

const { version }: { version: string } = createRequire(import.meta.url)('@parleyhq/cli/package.json');

const BEGIN = `
Begin with:
  parley run "Add a test"   let an agent work in the current folder
  parley serve              run a server for the current folder
  parley serve --help       show all options`;

/**
 * Creates the `parley` command, for one call of `parseAsync`. That call loads only the command that was named. It
 * rejects with an ExitError if the exit code is not 0.
 */
export function createProgram(): Command {
  const program: Command = new Command('parley')
    .description('A server in front of coding agents: one contract for every application and every agent.')
    .version(version)
    .configureHelp({ subcommandTerm: (command) => synopsisOf(command) })
    .addHelpText('after', BEGIN)
    .hook('preSubcommand', (_, command) => load(command));
  for (const { name, description } of COMMANDS) program.addCommand(new Command(name).description(description));
  // Commander's own help command would show the named command before it is loaded, without its options.
  program
    .helpCommand(false)
    .command('help')
    .argument('[command]')
    .allowExcessArguments()
    .description('display help for command')
    .action(async (name: string | undefined) => {
      if (name === undefined) program.help();
      const command = program.commands.find((one) => one.name() === name);
      if (!command) program.help({ error: true });
      await load(command);
      command.help();
    });
  prepare(program, 'parley');
  return program;
}

/** Loads a command and adds its options, help and action. */
async function load(command: Command): Promise<void> {
  const define = await COMMANDS.find(({ name }) => name === command.name())?.load();
  define?.(command);
  prepare(command, `parley ${command.name()}`);
}

function synopsisOf(command: Command): string {
  const entry = COMMANDS.find(({ name }) => name === command.name());
  return entry?.synopsis ?? new Help().subcommandTerm(command);
}

/** Makes a command and its subcommands end with an ExitError, and show where to find help. */
function prepare(command: Command, name: string): void {
  command.showHelpAfterError(`(${name} --help tells more)`).exitOverride((error) => {
    throw new ExitError(error.exitCode === 0 ? 0 : EXIT.usage, '');
  });
  for (const below of command.commands) prepare(below, `${name} ${below.name()}`);
}
