import { AcpRequestError, LOGIN_REQUIRED } from './acp/acp-request-error.js';
import type { AcpConnection } from './acp/connection.js';
import { AcpAnswerError } from './acp/read-answers.js';
import { AgentError, AgentSettingError, AgentUnsupportedError } from './agent-error.js';
import type { AgentProcess } from './process/process.js';

/**
 * Turns any failure of an agent into an error that explains it, with the exit code, the signal and the stderr of its process.
 * `clean` removes secrets from the agent's own words.
 */
export async function explainFailure(
  during: 'start' | 'turn',
  title: string,
  clean: (text: string) => string,
  given: unknown,
  connection: AcpConnection,
  agentProcess: AgentProcess,
): Promise<Error> {
  const error = given instanceof AcpRequestError ? new AcpRequestError(given.code, clean(given.message)) : given;
  if (error instanceof AgentSettingError || error instanceof AgentUnsupportedError) return error;
  const stderrTail = agentProcess.stderrTail();
  if (error instanceof AgentError) {
    const { kind, methods } = error;
    return new AgentError(kind, error.message, { stderrTail, methods, cause: error });
  }
  if (error instanceof AcpAnswerError) {
    return new AgentError(during, `${title}: ${clean(error.message)}`, { stderrTail, cause: error });
  }
  if (error instanceof AcpRequestError) {
    const login = error.code === LOGIN_REQUIRED ? `; log in with the agent's own command first` : '';
    return new AgentError(during, `${title}: ${error.message}${login}`, { stderrTail, cause: error });
  }
  // The connection has ended, so the agent's process is being ended too.
  const reason = await connection.closed;
  const exit = await agentProcess.exited;
  const how = exit.signal ? `was ended by ${exit.signal}` : `ended with exit code ${exit.exitCode ?? 'unknown'}`;
  const message = reason ? `${title} broke the protocol: ${reason.message}` : `${title} ${how}`;
  const kind = during === 'start' ? 'start' : reason ? 'protocol' : 'exit';
  return new AgentError(kind, message, { ...exit, cause: error });
}
