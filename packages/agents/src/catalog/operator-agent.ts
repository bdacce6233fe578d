import { replayAgent } from '../cassette/replay-agent.js';
import type { AcpVersion, AgentDefinition, AsksBeforeEdits } from '../definition.js';
import { checkWrapper } from '../process/wrapper.js';
import { demo, demoInMemory, withCheck } from './presets.js';

/** An agent as an operator's configuration file names it. */
export interface OperatorAgent {
  /** Lower-case letters, digits, `-` and `_`. The name of a preset changes that preset. */
  readonly name: string;
  /** The preset that says how it takes settings. @default the preset of the same name, if there is one */
  readonly preset?: string;
  readonly title?: string;
  /** The absolute path of a cassette: the agent repeats what the recorded one did. Excludes `preset` and `command`. */
  readonly replay?: string;
  /** A path, or a name on PATH. Required unless a preset has one. */
  readonly command?: string;
  readonly args?: readonly string[];
  /**
   * The arguments that tell it its model, for one that takes it no other way: `["--model", "{model}"]`. They are added where a
   * session names a model.
   *
   * @default its own option, or the preset's way
   */
  readonly model_args?: readonly string[];
  /** The id of the method to log it in with, if it asks for a login. @default the first whose variables are set */
  readonly auth_method?: string;
  /** The newest version of ACP that it is offered: 2 is a draft, and its answer decides. @default the preset's, or 1 */
  readonly acp_version?: AcpVersion;
  /** The mode of its own that is set when a conversation begins. @default the preset's, or the agent's own */
  readonly mode?: string;
  /** Whether it asks before it edits. @default as the preset says, or `unknown` */
  readonly asks?: AsksBeforeEdits;
  /** Variables that are set for it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Which of the server's variables it may see in addition to the preset's and a few harmless ones: `NAME` or `PREFIX*`. */
  readonly pass_env?: readonly string[];
  /**
   * The command of a sandbox and its arguments, put before the agent's; see `WrapperPlaces`. An empty list means no sandbox.
   *
   * @default the wrapper of all agents, if there is one
   */
  readonly wrapper?: readonly string[];
  /**
   * Runs inside the server, without a process for each session. Only the demo agent can. With a wrapper, or while it is
   * recorded, it has a process nevertheless.
   *
   * @default false
   */
  readonly in_memory?: boolean;
}

/** Stands for the model in `model_args`. */
const MODEL = '{model}';

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Turns an operator's entry into a definition. Throws an `Error` that says what is wrong with the entry. */
export function defineAgent(entry: OperatorAgent, presets: readonly AgentDefinition[]): AgentDefinition {
  if (!NAME.test(entry.name)) {
    throw new Error(`Expected an agent name of lower-case letters, digits, - and _, got ${JSON.stringify(entry.name)}`);
  }
  if (entry.replay !== undefined && (entry.preset !== undefined || entry.command !== undefined)) {
    throw new Error(`Agent ${entry.name}: expected either replay, or a preset or a command`);
  }
  const bases = entry.replay === undefined ? presets : [replayAgent(entry.name, entry.replay)];
  const preset = bases.find(({ name }) => name === (entry.preset ?? entry.name));
  if (entry.preset !== undefined && !preset) {
    const names = presets.map(({ name }) => name).join(', ');
    throw new Error(`Agent ${entry.name}: expected a preset of ${names}, got ${JSON.stringify(entry.preset)}`);
  }
  const hasArgs = entry.args !== undefined || entry.model_args !== undefined;
  if (entry.in_memory === true && (preset?.name !== demo.name || entry.command !== undefined || hasArgs)) {
    throw new Error(
      `Agent ${entry.name}: expected in_memory only for the preset ${demo.name}, without command or args`,
    );
  }
  if (entry.model_args && !entry.model_args.some((part) => part.includes(MODEL))) {
    throw new Error(`Agent ${entry.name}: expected ${MODEL} in model_args, got ${entry.model_args.join(' ')}`);
  }
  const known = preset ?? plainAgent(entry);
  const base = entry.model_args ? { ...known, ...tellingModel(known, entry.model_args) } : known;
  checkWrapper(entry.wrapper ?? [], `Agent ${entry.name}: wrapper`);
  return {
    ...base,
    ...(entry.wrapper && { wrapper: entry.wrapper }),
    ...(entry.in_memory === true && { runInMemory: demoInMemory.runInMemory }),
    name: entry.name,
    title: entry.title ?? (preset && entry.name === preset.name ? preset.title : entry.name),
    command: entry.command ?? base.command,
    // Arguments belong to a command: another command starts without the preset's.
    args: entry.args ?? (entry.command === undefined ? base.args : []),
    env: { ...base.env, ...entry.env },
    passEnv: [...base.passEnv, ...(entry.pass_env ?? [])],
    ...(entry.auth_method !== undefined && { authMethod: entry.auth_method }),
    ...(entry.acp_version !== undefined && { acpVersion: entry.acp_version }),
    ...(entry.asks !== undefined && { asks: entry.asks }),
    ...(entry.mode !== undefined && {
      launch: async (settings, env) => ({ ...(await base.launch(settings, env)), mode: entry.mode as string }),
    }),
  };
}

/** What changes where the model is an argument. */
function tellingModel({ supports, launch }: AgentDefinition, args: readonly string[]): Partial<AgentDefinition> {
  return {
    supports: { ...supports, model: true },
    modelIsOption: false,
    async launch({ model, ...settings }, env) {
      const launched = await launch(settings, env);
      if (model === undefined) return launched;
      return {
        ...launched,
        args: [...(launched.args ?? []), ...args.map((part) => part.replaceAll(MODEL, () => model))],
      };
    },
  };
}

/** An agent without a preset: it is only known that it speaks ACP. Its model is set through its own option, if it has one. */
function plainAgent(entry: OperatorAgent): AgentDefinition {
  if (entry.command === undefined || entry.command === '') {
    throw new Error(`Agent ${entry.name}: expected a command`);
  }
  return withCheck({
    name: entry.name,
    title: entry.title ?? entry.name,
    command: entry.command,
    args: [],
    env: {},
    passEnv: [],
    supports: { model: true, oss: false, web_search: false, config_profile: false, approval_policy: false },
    modelIsOption: true,
    asks: 'unknown',
    notes: [
      'web_search: false is not enforced: the agent decides by its own configuration.',
      'Approvals are answered as they come; whether the agent asks is decided by its own configuration.',
    ],
    launch: ({ model }) => (model === undefined ? {} : { model }),
  });
}
