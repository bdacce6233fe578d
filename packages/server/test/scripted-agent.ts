import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type AgentDefinition, createAgentCatalog } from '@parleyhq/agents';
import type { TestHostOptions } from './open-host.js';
import { playScripted } from './scripted-agent.mjs';

type AgentProcess = ReturnType<NonNullable<AgentDefinition['runInMemory']>>;
type AgentExit = Awaited<AgentProcess['exited']>;

const AGENT = fileURLToPath(new URL('./scripted-agent.mjs', import.meta.url));

/** Host options with a subprocess for an agent that does what its message says; see `scripted-agent.mjs`. */
export function scripted(taking: 'resume' | 'load' | 'load-late' | 'forget' | 'able' = 'resume') {
  const agent = { name: 'scripted', command: process.execPath, args: [AGENT, taking] };
  return {
    agents: createAgentCatalog({ agents: [agent] }),
    defaultAgent: 'scripted',
  } satisfies TestHostOptions;
}

/**
 * The same agent without a process, for tests that need many. The test controls when they end.
 *
 * @param folder Where it keeps what it heard.
 */
export function scriptedInMemory(folder: string) {
  const running = new Set<{ readonly exit: (end: number | 'SIGKILL') => void }>();
  let leaving: Promise<void> = Promise.resolve();
  let leave: () => void = () => undefined;
  const { agents: catalog, defaultAgent } = scripted();
  const definition = catalog.get(defaultAgent);
  if (definition === undefined) throw new Error('there is no scripted agent');

  function run(): AgentProcess {
    const input = new PassThrough();
    const output = new PassThrough();
    let ended: (exit: AgentExit) => void = () => undefined;
    const exited = new Promise<AgentExit>((resolve) => {
      ended = resolve;
    });
    const agent = {
      exit(end: number | 'SIGKILL') {
        running.delete(agent);
        ended({ exitCode: end === 'SIGKILL' ? null : end, signal: end === 'SIGKILL' ? end : null, stderrTail: '' });
        output.end();
        input.destroy();
      },
    };
    running.add(agent);
    playScripted({ input, output, folder, taking: 'resume', exit: agent.exit });
    return {
      input,
      output,
      exited,
      stderrTail: () => '',
      stderrSize: () => 0,
      close: () => leaving.then(() => agent.exit(0)),
    };
  }

  const inMemory: AgentDefinition = { ...definition, runInMemory: run };
  const options: TestHostOptions = {
    defaultAgent,
    agents: { ...catalog, get: (name) => (name === defaultAgent ? inMemory : catalog.get(name)) },
  };
  return {
    options,
    definition: inMemory,
    /** How many agents are running, also those that have not answered yet. */
    running: () => running.size,
    /** Ends all running agents. */
    exit(end: number | 'SIGKILL') {
      for (const agent of [...running]) agent.exit(end);
    },
    /** From now on, agents that are being ended do not end before `leave`. */
    linger() {
      leaving = new Promise((resolve) => {
        leave = resolve;
      });
    },
    leave: () => leave(),
  };
}
