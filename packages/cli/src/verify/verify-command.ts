import { LEVELS } from '@parleyhq/conformance';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { REPORT_FORMATS, readReport } from './reports.js';
import { verifyClientOf } from './verify-client.js';
import type { VerifyFlags } from './verify-flags.js';
import { verifyServer } from './verify-server.js';

const HELP = `
Levels, each with those before it:
  core   any agent that starts
  agent  the demo agent's scenarios, which any server can run that speaks ACP with its agents
  full   also a second account (--token2) and a server that is killed and started again (--restart)

With --client it is a client that is held to the contract: it is started once for each rule, and finds a server there that
drops, repeats, delays, cuts and refuses. CLIENT.md of @parleyhq/conformance says what it has to print.

Exit codes: 0 every rule passed, 1 one is broken, 2 one could not be exercised, or an option makes no sense,
5 the server cannot be reached or does not let the kit begin, 130 Ctrl-C. Its sessions are purged in any case.`;

/** Makes a command `parley verify`. */
export function defineVerify(command: Command): void {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  command
    .addArgument(new Argument('[url]', 'the server (default: the one that runs on the data directory)'))
    .addOption(
      new Option('--token <token>', 'a token of scope control; rather set PARLEY_TOKEN, others may see it here').env(
        'PARLEY_TOKEN',
      ),
    )
    .addOption(new Option('--token2 <token>', 'a token of another account').env('PARLEY_TOKEN2'))
    .addOption(
      new Option('--data-dir <folder>', 'the data directory of a server on this machine (default: ~/.parley)').env(
        'PARLEY_DATA_DIR',
      ),
    )
    .option('--cwd <folder>', "a folder inside the server's roots, for the sessions (default: a temporary one)")
    .option('--agent <name>', "the demo agent's name on the server (default: demo)")
    .option('--restart <command>', 'kills the server and starts it again at the same address; ends when it has')
    .addOption(
      new Option(
        '--client <command>',
        'hold a client, which this starts, to the contract in place of a server',
      ).conflicts(['token2', 'cwd', 'agent', 'restart', 'suite', 'strict']),
    )
    .addOption(new Option('--level <level>', 'how much to try').choices(LEVELS).default('agent'))
    .addOption(
      new Option('--suite <suite>', 'only this part; repeatable').choices(['rest', 'events']).argParser(collect),
    )
    .addOption(
      new Option(
        '--rule <id>',
        'only this rule, or with its subject: "events/bad-frame (no id)"; repeatable',
      ).argParser(collect),
    )
    .addOption(new Option('--seed <number>', 'repeat the random inputs of another run').argParser(readSeed))
    .option(
      '--strict',
      'count as broken, too, what a tolerant reader passes over: unknown properties, values, variants',
    )
    .addOption(
      new Option('--report <format[=file]>', `how to say it: ${REPORT_FORMATS}; repeatable (default: text)`).argParser(
        readReport,
      ),
    )
    .option('--list', 'show the rules, and try none')
    .addHelpText('after', HELP)
    .action((url: string | undefined, flags: VerifyFlags) =>
      flags.client === undefined ? verifyServer(url, flags) : verifyClientOf(flags.client, flags),
    );
}

function readSeed(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}
