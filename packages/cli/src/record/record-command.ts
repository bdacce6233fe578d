import { recordProcess } from '@parleyhq/agents';
import type { Command } from 'commander';
import { EXIT, ExitError } from '../exit-error.js';

const HELP = `
Put it in place of the agent's command, in an editor or in the file of parley serve --config. It forwards every byte and
ends as the agent does; what it has to say itself goes to stderr. Secrets and this machine's folders are taken out of
the cassette; read it before you publish it. CASSETTE.md of @parleyhq/agents says what is taken out, and the format.

Examples:
  $ parley record -o fix.jsonl -- codex-acp         one cassette
  $ parley record -o cassettes/ -- opencode acp     in a folder that is there, a new cassette for each start
  $ parley serve --record cassettes/                every agent that a server starts
  $ parley serve --agent replay:fix.jsonl           plays one, without the agent, its model or a network`;

/** Makes a command `parley record`. */
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
