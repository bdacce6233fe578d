import type { AgentLogin, AgentLoginMethod } from '@parleyhq/contract';
import type { AgentEntry } from './acp/connection.js';
import { AgentError, AgentUnsupportedError } from './agent-error.js';
import { type AskAgentOptions, askAgent, orAborted, refuse } from './ask-agent.js';
import { chooseMethod, describeMethods, loginMethods } from './login.js';
import { mapElicitation } from './map/map-request.js';
import { readText } from './map/read.js';

/** What `logInAgent` needs. */
export interface LogInAgentOptions extends Omit<AskAgentOptions, 'onEntry'> {
  /** The id of the method. @default the only one that can be used here */
  readonly method?: string | undefined;
  /** How long a person has to finish the login, in milliseconds. */
  readonly loginTimeoutMs: number;
  /** Gets the methods of the agent, when it has named them. */
  onMethods(methods: readonly AgentLoginMethod[]): void;
  /** Gets a function, when the login begins, that says how it stands. */
  onLogin(login: () => AgentLogin): void;
}

/** The most characters of a message and of the end of stderr, as the contract has them. */
const MAX_TEXT = 8_192;

/**
 * Logs an agent in, in a process of its own, which has ended when this settles. The agent keeps its login where it keeps it when a
 * person uses it. Rejects with `AgentUnsupportedError` if it names no method, `AgentSettingError` for a method that it does
 * not have or that only a person at a terminal can use, and `AgentError` of kind `login` for a login that failed.
 */
export async function logInAgent(options: LogInAgentOptions): Promise<void> {
  const { definition, loginTimeoutMs } = options;
  const { title } = definition;
  let asked: Pick<AgentLogin, 'url' | 'message'> = {};
  let methods: readonly string[] | undefined;
  const onEntry = (entry: AgentEntry) => {
    const question = entry.kind === 'elicitation' ? mapElicitation(entry.request, undefined) : undefined;
    // Without this: tells an agent a secret by this operation, or that a form was filled in
    if (entry.kind !== 'elicitation' || question?.mode !== 'url') return refuse(entry);
    asked = { url: question.url, message: question.message };
    entry.answer({ action: 'accept' });
  };
  try {
    await askAgent({ ...options, onEntry }, async ({ connection, initialized, env, stderrTail }) => {
      const { authMethods } = initialized;
      options.onMethods(loginMethods(authMethods, definition));
      // Without this: asks an agent for what it does not have
      if (authMethods.length === 0) throw new AgentUnsupportedError('method', `${title} names no way to log in`);
      const { id } = chooseMethod(authMethods, definition, env, options.method);
      const startedAt = Date.now();
      options.onLogin(() => {
        const output = readText(stderrTail(), MAX_TEXT);
        return { method: id, started_at: startedAt, ...asked, ...(output && { output }) };
      });
      methods = describeMethods(authMethods, definition);
      const late = () => new AgentError('login', `nobody finished the login within ${loginTimeoutMs} ms`);
      // Without this: keeps an agent for ever whose login nobody finishes
      await orAborted(connection.authenticate(id), AbortSignal.timeout(loginTimeoutMs), late);
    });
  } catch (error) {
    if (methods === undefined || !(error instanceof AgentError)) throw error;
    const { stderrTail, message } = error;
    const why = message.startsWith(`${title}: `) ? message.slice(title.length + 2) : message;
    throw new AgentError('login', `${title} was not logged in: ${why}`, { stderrTail, methods, cause: error });
  }
}
