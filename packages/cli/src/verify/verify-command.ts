import { LEVELS } from '@parleyhq/conformance';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { REPORT_FORMATS, readReport } from './reports.js';
import { verifyClientOf } from './verify-client.js';
import type { VerifyFlags } from './verify-flags.js';
import { verifyServer } from './verify-server.js';

const HELP = `
Levels, each includes those before it:
  core   any agent that starts
  agent  the scenarios of the demo agent, which any server can run that uses ACP for its agents
  full   also a second account (--token2), and a command that kills and restarts the server (--restart)

With --client it tests a client: the client is started once for each rule, and connects to a server that drops, repeats,
delays, cuts and refuses. CLIENT.md of @parleyhq/conformance describes what the client has to print.

Exit codes: 0 every rule passed, 1 one is broken, 2 one could not be exercised, or an option is wrong,
5 the server cannot be reached or refuses the first session, 130 Ctrl-C. The sessions are purged in any case.`;

/** Defines the command `parley verify`. */
export function defineVerify(command: Command): void {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  command
    .addArgument(new Argument('[url]', 'the server (default: the one that runs on the data directory)'))
    .addOption(
      new Option(
        '--token <token>',
        'a token of scope control; PARLEY_TOKEN is safer, since other users may see the command line',
      ).env('PARLEY_TOKEN'),
    )
    .addOption(new Option('--token2 <token>', 'a token of another account').env('PARLEY_TOKEN2'))
    .addOption(
      new Option('--data-dir <folder>', 'the data directory of a server on this machine (default: ~/.parley)').env(
        'PARLEY_DATA_DIR',
      ),
    )
    .option('--cwd <folder>', "a folder inside the server's roots, for the sessions (default: a temporary one)")
    .option('--agent <name>', "the demo agent's name on the server (default: demo)")
    .option(
      '--restart <command>',
      'a command that kills the server, starts it again at the same address, and then ends',
    )
    .addOption(
      new Option('--client <command>', 'test a client instead of a server: the command that starts it').conflicts([
        'token2',
        'cwd',
        'agent',
        'restart',
        'suite',
        'strict',
      ]),
    )
    .addOption(new Option('--level <level>', 'how much to try').choices(LEVELS).default('agent'))
    .addOption(
      new Option('--suite <suite>', 'only this part; repeatable').choices(['rest', 'events']).argParser(collect),
    )
    .addOption(
      new Option(
        '--rule <id>',
        'only this rule, or only one subject of it: "events/bad-frame (no id)"; repeatable',
      ).argParser(collect),
    )
    .addOption(new Option('--seed <number>', 'repeat the random inputs of another run').argParser(readSeed))
    .option('--strict', 'let unknown properties, values and variants break a rule too, which a tolerant reader ignores')
    .addOption(
      new Option(
        '--patience <seconds>',
        'how long an event or a frame may take to come (default: 15; with --client: 30 for each rule)',
      ).argParser(readPatience),
    )
    .addOption(
      new Option(
        '--report <format[=file]>',
        `the format of the report: ${REPORT_FORMATS}; repeatable (default: text)`,
      ).argParser(readReport),
    )
    .option('--list', 'show the rules and try none')
    .addHelpText('after', HELP)
    .action((url: string | undefined, flags: VerifyFlags) =>
      flags.client === undefined ? verifyServer(url, flags) : verifyClientOf(flags.client, flags),
    );
}

function readPatience(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,4}(\.\d{1,3})?$/.test(text) && seconds > 0) return seconds;
  throw new InvalidArgumentError('Expected a number of seconds above 0.');
}

function readSeed(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}
