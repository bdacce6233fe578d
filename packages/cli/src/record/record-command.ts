import { recordProcess } from '@parleyhq/agents';
import type { Command } from 'commander';
import { EXIT, ExitError } from '../exit-error.js';

const HELP = `
Use it instead of the agent's command, in an editor or in the file of parley serve --config. It forwards every byte and
ends when the agent does; its own messages go to stderr. Secrets and paths of this machine are removed from the cassette;
read it before you publish it. CASSETTE.md of @parleyhq/agents describes what is removed, and the format.

Examples:
  $ parley record -o fix.jsonl -- codex-acp         one cassette
  $ parley record -o cassettes/ -- opencode acp     in an existing folder, a new cassette for each start
  $ parley serve --record cassettes/                every agent that a server starts
  $ parley serve --agent replay:fix.jsonl           plays one, without the agent, its model or a network`;

/** Defines the command `parley record`. */
export function defineRecord(command: Command): void {
  command
    .usage('[options] -- <agent command> [arguments...]')
    .argument('<command...>', 'a program that speaks the Agent Client Protocol on stdio, and its arguments')
    .option('-o, --output <path>', 'the cassette, a new file; or a folder, for a new file in it', '.')
    .addHelpText('after', HELP)
    .action(async ([command = '', ...args]: string[], { output }: { output: string }) => {
      await recordProcess({ output, command, args }).catch((error: Error) => {
        throw new ExitError(EXIT.failed, error.message);
      });
    });
}
