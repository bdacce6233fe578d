import type { AcpConnection, AgentEntry } from './acp/connection.js';
import type { Initialized } from './acp/read-answers.js';
import { AgentError } from './agent-error.js';
import type { Environment } from './definition.js';
import { explainFailure } from './failure.js';
import { type LaunchOptions, launchAgent } from './launch-agent.js';

/** What `askAgent` needs. */
export interface AskAgentOptions extends LaunchOptions {
  /** Aborting it ends the agent, at any time. */
  readonly signal: AbortSignal;
  /** From spawn to the answer of `initialize`, in milliseconds. @default 30_000 // 30 seconds */
  readonly startTimeoutMs?: number;
  /** Takes what the agent says by itself. @default its questions are cancelled, the rest is dropped */
  readonly onEntry?: (entry: AgentEntry) => void;
}

/** An agent that has answered `initialize`, and has no conversation. */
export interface AskedAgent {
  readonly connection: AcpConnection;
  readonly initialized: Initialized;
  readonly env: Environment;
  /** The end of what it wrote to stderr so far, without secrets. */
  stderrTail(): string;
}

/**
 * Starts an agent for a moment, and asks it something: a login, its sessions. The process has ended when this settles, whatever
 * happened. Rejects with what `ask` rejects with, if that is an error of an agent, and with `AgentError` of kind `start`
 * for every other failure.
 */
export async function askAgent<Answer>(
  options: AskAgentOptions,
  ask: (asked: AskedAgent) => Promise<Answer>,
): Promise<Answer> {
  const { definition, signal, startTimeoutMs = 30_000 } = options;
  const { title } = definition;
  const cancelled = () => new AgentError('start', `${title} was ended before it had answered`);
  if (signal.aborted) throw cancelled();
  const { agentProcess, connection, env, secrets, initialize } = await launchAgent(options);
  void takeEntries(connection, options.onEntry ?? refuse);
  const work = async () => {
    const late = () => new AgentError('start', `${title} did not start within ${startTimeoutMs} ms`);
    const initialized = await orAborted(initialize(), AbortSignal.timeout(startTimeoutMs), late);
    return ask({ connection, initialized, env, stderrTail: () => agentProcess.stderrTail() });
  };
  try {
    return await orAborted(work(), signal, cancelled);
  } catch (error) {
    // The explanation reads what the agent said, so it begins before the agent is ended.
    const explained = explainFailure('start', title, secrets.clean, error, connection, agentProcess);
    const [failure] = await Promise.all([explained, agentProcess.close()]);
    throw failure;
  } finally {
    // Without this: leaves a process behind that was only asked something
    await agentProcess.close();
    connection.close();
  }
}

/** Waits for `work`, but only until `signal` aborts: then it rejects with what `reason` gives. */
export async function orAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  reason: () => Error,
): Promise<Result> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(reason());
  });
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Answers a question of an agent with nothing. */
export function refuse(entry: AgentEntry): void {
  if (entry.kind === 'permission') entry.answer({ outcome: { outcome: 'cancelled' } });
  if (entry.kind === 'elicitation') entry.answer({ action: 'cancel' });
}

/** Reads on, so that an agent never waits for a reader. */
async function takeEntries({ entries }: AcpConnection, take: (entry: AgentEntry) => void): Promise<void> {
  for (let some = await entries.take(); some; some = await entries.take()) some.forEach(take);
}
