import type { Command } from 'commander';

/** A command of `parley`, as the list of them shows it. */
export interface CommandEntry {
  readonly name: string;
  /** The name with what may follow it, as help shows it. */
  readonly synopsis: string;
  readonly description: string;
  /** Loads what adds its options, its help and its action. */
  load(): Promise<(command: Command) => unknown>;
}

/**
 * The commands of `parley`, in the order of its help. The help is made of this list, and only the command that was named is
 * loaded, so that no other one costs time.
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
    name: 'token',
    synopsis: 'token',
    description: 'Make, list and revoke the tokens of a server on this machine, and say how to connect.',
    load: async () => (await import('./token/token-command.js')).defineToken,
  },
  {
    name: 'verify',
    synopsis: 'verify [options] [url]',
    description:
      'Hold a server, or a client, to the contract: every operation, frame and promise, tried over the wire.',
    load: async () => (await import('./verify/verify-command.js')).defineVerify,
  },
  {
    name: 'record',
    synopsis: 'record [options] <command...>',
    description: 'Run an agent unchanged and write a cassette of what it says, to be replayed.',
    load: async () => (await import('./record/record-command.js')).defineRecord,
  },
  {
    name: 'replay',
    synopsis: 'replay <file>',
    description: 'Be the agent of a cassette: say what it said, to the same prompts.',
    load: async () => (await import('./record/replay-command.js')).defineReplay,
  },
];
