import { AcpRequestError, UNSUPPORTED_VERSION } from './acp/acp-request-error.js';
import type { AcpConnection } from './acp/connection.js';
import type { Initialized } from './acp/read-answers.js';
import { AgentError } from './agent-error.js';
import type { AcpVersion, AgentDefinition } from './definition.js';

/**
 * Agrees with an agent on a version of ACP: it is offered `newest`, and its answer decides. Throws `AgentError` of kind `start`
 * for a version that was not offered.
 */
export async function negotiate(
  connection: AcpConnection,
  { title }: AgentDefinition,
  newest: AcpVersion,
): Promise<Initialized> {
  const initialized = await offer(connection, newest);
  const spoken = initialized.protocolVersion;
  if (spoken === 1 || spoken === newest) return initialized;
  const known = newest === 1 ? '1' : `1 or ${newest}`;
  throw new AgentError('start', `${title} speaks version ${spoken} of ACP, not ${known}`);
}

/** An agent answers with the newest version that it has too. One that refuses instead is asked again with version 1. */
async function offer(connection: AcpConnection, newest: AcpVersion): Promise<Initialized> {
  try {
    return await connection.initialize(newest);
  } catch (error) {
    // Without this: does not start an agent that refuses what it does not know
    if (newest === 1 || !(error instanceof AcpRequestError)) throw error;
    return connection.initialize(1).catch((again: unknown) => {
      // It knows version 2 alone, so that the trouble is another one.
      throw again instanceof AcpRequestError && again.code === UNSUPPORTED_VERSION ? error : again;
    });
  }
}
