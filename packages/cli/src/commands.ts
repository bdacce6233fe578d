import type { Command } from 'commander';

/** An entry in the list of the commands of `parley`. */
export interface CommandEntry {
  readonly name: string;
  /** The name with its options and arguments, as help shows it. */
  readonly synopsis: string;
  readonly description: string;
  /** Loads the module of the command and returns the function that adds its options, its help and its action. */
  load(): Promise<(command: Command) => unknown>;
}

/**
 * The commands of `parley`, in the order of its help. The help is made from this list. Only the command that the user
 * named is loaded, to start fast.
 */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'serve',
    synopsis: 'serve [options]',
    description: 'Run a server in front of coding agents, until a signal ends it.',
    load: async () => (await import('./serve/serve-command.js')).defineServe,
  },
  {
    name: 'run',
    synopsis: 'run [options] [message]',
    description: 'Send a message to an agent, watch it work, and answer what it asks.',
    load: async () => (await import('./run/run-command.js')).defineRun,
  },
  {
    name: 'sessions',
    synopsis: 'sessions',
    description: 'List and close the sessions of a server.',
    load: async () => (await import('./sessions/sessions-command.js')).defineSessions,
  },
  {
    name: 'agents',
    synopsis: 'agents',
    description: 'List the agents of a server, and log in to them.',
    load: async () => (await import('./agents/agents-command.js')).defineAgents,
  },
  {
    name: 'token',
    synopsis: 'token',
    description: 'Create, list and revoke the tokens of a server on this machine, and show how to connect.',
    load: async () => (await import('./token/token-command.js')).defineToken,
  },
  {
    name: 'verify',
    synopsis: 'verify [options] [url]',
    description:
      'Test a server or a client against the contract: every operation, frame and promise, over the network.',
    load: async () => (await import('./verify/verify-command.js')).defineVerify,
  },
  {
    name: 'record',
    synopsis: 'record [options] <command...>',
    description: 'Run an agent unchanged and record what it says in a cassette, to replay it later.',
    load: async () => (await import('./record/record-command.js')).defineRecord,
  },
  {
    name: 'replay',
    synopsis: 'replay <file>',
    description: 'Play a cassette as an agent: give the recorded answers to the same prompts.',
    load: async () => (await import('./record/replay-command.js')).defineReplay,
  },
];
