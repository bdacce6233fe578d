import { resolve } from 'node:path';
import type { McpServerRequest, UserMessageSubmission } from '@parleyhq/contract';
import { type Command, Option } from 'commander';
import { ExitError } from '../exit-error.js';
import { withReplay } from '../record/replay-option.js';
import {
  accessServer,
  addServerOptions,
  DEFAULT_SERVER,
  explainServerError,
  LOCAL_SERVER,
  type ServerFlags,
} from '../server-access.js';
import { createScreen } from '../terminal/screen.js';
import { answerUnattended } from './ask/answer-unattended.js';
import { askPerson } from './ask/ask-person.js';
import { createKeyboard } from './ask/keyboard.js';
import { presentAsJson, presentToPerson } from './presentation.js';
import { readBudget } from './read-budget.js';
import { readPrompt } from './read-prompt.js';
import { type Rule, readRules } from './read-rule.js';
import { type RunOptions, run } from './run.js';
import { createStopSignals, type StopSignals } from './stop-signals.js';

/** The options of `parley run`. */
interface RunFlags extends ServerFlags {
  readonly cwd?: string;
  readonly agent?: string;
  readonly model?: string;
  readonly isolated?: true;
  readonly addDir?: readonly string[];
  readonly mcp?: readonly McpServerRequest[];
  readonly budget?: ReturnType<typeof readBudget>;
  readonly allow?: readonly Rule[];
  readonly ask?: readonly Rule[];
  readonly reject?: readonly Rule[];
  readonly yes?: true;
  readonly json?: true;
  readonly session?: string;
  readonly resumeAgentSession?: string;
  readonly delivery?: UserMessageSubmission['delivery'];
  readonly config?: string;
}

const HELP = `
Without --server and --session it starts a server for this run, with its state in a temporary folder, and ends it after the
run. For sessions that stay, start a server with parley serve and name it.

Examples:
  $ parley run "Add a test for the parser"                the demo agent, in the current folder
  $ parley run --agent codex --isolated "Tidy up"         Codex, in a copy of the folder; you decide about its patch
  $ parley run --budget tokens=200000,seconds=900 "Go on" at most so many tokens and seconds, as far as the agent tells
  $ parley run --allow kind=read --allow "command=npm test*" --reject "path=.git/**" "Fix the tests"
                                                          rules answer first, and you what no rule fits
  $ git diff | parley run --agent claude --yes -          the message comes from standard input; everything is approved
  $ parley run --json "Explain this" | jq .payload.type   one event per line, for programs
  $ parley run --server ${DEFAULT_SERVER} "Begin"     on a server; the session stays, and its id is shown
  $ parley run --session 550e8400-e29b-41d4-a716-446655440000 "Go on"
                                                          the next message, on the server of this machine
  $ parley run --agent claude --resume-agent-session ID "Go on"
                                                          a conversation of the agent's own, begun elsewhere in this folder

In a terminal you are asked what the agent asks: each answer that it offers has a key, and the pending patch is shown and
applied on y. Without a terminal (--json, or standard input or output is not one) its requests are rejected once, or with
--yes allowed once; its questions are cancelled; the patch of an isolated session is applied only with --yes.

Ctrl-C interrupts the turn; a second one quits at once. SIGTERM and SIGHUP quit.
Exit codes: 0 the turn completed, 1 it failed, was refused or reached a limit, or its patch was not applied, 2 an option or
the request is wrong, 5 the server cannot be reached or refuses the token, 130 interrupted, 128 plus its number if another
signal ended the run.`;

/** Defines the command `parley run`. */
export function defineRun(command: Command): void {
  command
    .argument('[message]', 'the message; with - or without it, it is read from standard input')
    .addOption(new Option('--cwd <folder>', 'where the agent works (default: the current folder)'))
    .addOption(
      new Option(
        '--agent <name>',
        'demo (default), codex, claude, another preset, one of your own, or replay:FILE',
      ).env('PARLEY_AGENT'),
    )
    .addOption(new Option('--model <name>', "the agent's model (default: its own choice)"))
    .addOption(new Option('--isolated', 'let it work in a copy; nothing changes until you apply the patch'))
    .addOption(new Option('--add-dir <folder...>', 'more folders for it to work in'))
    .addOption(
      new Option('--mcp <name...>', 'MCP servers for it: of --config or of the server, or NAME=URL').argParser(
        readMcpServer,
      ),
    )
    .addOption(
      new Option(
        '--budget <bounds>',
        'end the turn when it has used this: turns=20,seconds=600,tokens=100000,cost=2.5, one or more of them',
      ).argParser(readBudget),
    )
    .addOption(
      new Option(
        '--allow <rule>',
        'allow once what fits: kind=read, path=src/**, command=npm test*, or several with commas; repeatable',
      ).argParser(readRules('allow_once')),
    )
    .addOption(
      new Option('--ask <rule>', 'ask for what fits, also with --yes; before --allow').argParser(readRules('ask')),
    )
    .addOption(
      new Option('--reject <rule>', 'reject once what fits; before --ask and --allow').argParser(
        readRules('reject_once'),
      ),
    )
    .addOption(new Option('--yes', 'approve everything, each time once, and apply the patch'))
    .addOption(new Option('--json', 'print the events, one per line, and never ask'))
    .addOption(
      new Option('--session <id>', 'continue this session of the server').conflicts([
        'cwd',
        'model',
        'isolated',
        'addDir',
        'mcp',
        'budget',
        'allow',
        'ask',
        'reject',
        'config',
        'resumeAgentSession',
      ]),
    )
    .addOption(
      new Option(
        '--resume-agent-session <id>',
        "take up a session of the agent's own; parley sessions agent lists them",
      ).conflicts('isolated'),
    )
    .addOption(
      new Option(
        '--delivery <how>',
        'with --session, while it works: queue (default), steer into its turn, or interrupt it',
      ).choices(['queue', 'steer', 'interrupt']),
    )
    .addOption(new Option('--config <file>', 'YAML with agents of your own, as for parley serve').env('PARLEY_CONFIG'));
  addServerOptions(command, `one of its own; with --session ${LOCAL_SERVER}`)
    .addHelpText('after', HELP)
    .action(async (message: string | undefined, flags: RunFlags) => {
      const signals = createStopSignals();
      try {
        const code = await perform(message, flags, signals);
        if (code !== 0) throw new ExitError(code, '');
      } catch (error) {
        // A user who stops a run gets no message about errors that the stop caused.
        throw signals.exitCode === undefined ? explainServerError(error) : new ExitError(signals.exitCode, '');
      } finally {
        signals.close();
      }
    });
}

/** Adds `NAME` or `NAME=URL` to those before it. */
function readMcpServer(text: string, before: readonly McpServerRequest[] = []): McpServerRequest[] {
  const [name = '', ...url] = text.split('=');
  return [...before, { name, ...(url.length > 0 && { url: url.join('=') }) }];
}

async function perform(message: string | undefined, flags: RunFlags, signals: StopSignals): Promise<number> {
  const { stdin, stdout } = process;
  stdout.on('error', signals.outputClosed);
  const prompt = await readPrompt(message, stdin, signals.quit);
  const cwd = resolve(flags.cwd ?? '.');
  const file =
    flags.config === undefined ? {} : await (await import('../serve/config-file.js')).readConfigFile(flags.config);
  const directories = (flags.addDir ?? []).map((folder) => resolve(folder));
  const { agent, agents, agentWrapper, approvalRules, limits, mcpServers } = withReplay({
    ...file,
    ...(flags.agent !== undefined && { agent: flags.agent }),
  });
  const server: RunOptions['server'] = usesRunningServer(flags)
    ? await accessServer(flags)
    : // Loaded where a server is started, and not for a run on another.
      await (await import('./private-server.js')).startPrivateServer([cwd, ...directories], {
        ...(agents && { agents }),
        ...(agentWrapper && { agentWrapper }),
        ...(approvalRules && { approvalRules }),
        ...(limits && { limits }),
        ...(mcpServers && { mcpServers }),
        mcpHosts: ['*'], // this user is the operator of that server
      });
  const person = stdin.isTTY && stdout.isTTY && flags.json !== true;
  const keyboard = person
    ? createKeyboard({ input: stdin, output: stdout, onInterrupt: signals.interrupt })
    : undefined;
  try {
    const screen = createScreen(stdout);
    const presentation = flags.json === true ? presentAsJson(stdout, signals.quit) : presentToPerson(screen);
    const unattended = answerUnattended({
      yes: flags.yes === true,
      show: presentation.showPatch,
      tell: presentation.tell,
    });
    const asked = keyboard && askPerson({ screen, keyboard });
    const answers =
      asked === undefined ? unattended : flags.yes === true ? { ...unattended, elicitation: asked.elicitation } : asked;
    const { model, budget } = flags;
    const rules = [flags.reject, flags.ask, flags.allow].flatMap((some) => some ?? []);
    const request = {
      cwd,
      ...(agent !== undefined && { agent }),
      ...(model !== undefined && { model }),
      ...(budget !== undefined && { budget }),
      ...(rules.length > 0 && { approval_rules: rules }),
      ...(flags.isolated && { workspace: 'isolated' as const }),
      ...(directories.length > 0 && { additional_directories: directories }),
      ...(flags.mcp && { mcp_servers: [...flags.mcp] }),
      ...(flags.resumeAgentSession !== undefined && { resume_agent_session: flags.resumeAgentSession }),
    };
    return await run({
      ...{ prompt, server, presentation, answers, person, signals },
      session: flags.session ?? request,
      delivery: flags.delivery,
      agentOptions: [
        ...(flags.server === undefined ? [] : ['--server', flags.server]),
        ...(flags.config === undefined ? [] : ['--config', flags.config]),
      ],
    });
  } finally {
    keyboard?.close();
    await server.close?.();
  }
}

/** Whether the run uses a server that is already running. */
function usesRunningServer({ server, session }: RunFlags): boolean {
  return server !== undefined || session !== undefined;
}
