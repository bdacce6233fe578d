import { readReplayOptions, replayProcess } from '@parleyhq/agents';
import type { Command } from 'commander';
import { EXIT, ExitError } from '../exit-error.js';

const HELP = `
It speaks the Agent Client Protocol on stdio: a server or an editor starts it instead of an agent. A Parley server needs
no command for it: parley serve --agent replay:FILE. CASSETTE.md of @parleyhq/agents describes how prompts are matched.

Environment:
  PARLEY_REPLAY_SPEED    how many times faster than recorded, or max for no waiting (default: 1)
  PARLEY_REPLAY_PROMPTS  strict, or any to play the next turn for any prompt (default: strict)`;

/** Defines the command `parley replay`. */
export function defineReplay(command: Command): void {
  command
    .argument('<file>', 'a cassette')
    .addHelpText('after', HELP)
    .action(async (file: string) => {
      try {
        await replayProcess(file, readReplayOptions(process.env));
      } catch (error) {
        throw new ExitError(EXIT.failed, error instanceof Error ? error.message : String(error));
      }
    });
}
