import { isDeeper, type Raw, readObject, readObjects, readText } from '../map/read.js';

/** The agent answered a request with something that ACP does not have there. */
export class AcpAnswerError extends Error {
  override readonly name = 'AcpAnswerError';

  constructor(method: string, expected: string, got: unknown) {
    super(`its answer to ${method} is not one of ACP: expected ${expected}, got ${shown(got)}`);
  }
}

/** What an agent says of itself. */
export interface Initialized {
  readonly protocolVersion: number;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly capabilities: Raw;
  /** Its extensions of ACP. */
  readonly meta: Raw;
  readonly authMethods: readonly AuthMethod[];
}

/** One way to log in to an agent. */
export interface AuthMethod {
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  /** `terminal`: the user runs the agent's own command; it cannot be asked for over ACP. */
  readonly isTerminal: boolean;
  /** The arguments of that command. */
  readonly args: readonly string[];
  /** The variables that it needs, as far as it names them: all of them must be set. */
  readonly variables: readonly string[];
}

/** Reads the answer to `initialize`. Everything but the version may be missing. Throws `AcpAnswerError`. */
export function readInitialized(answer: unknown): Initialized {
  const method = 'initialize';
  const facts = objectOf(method, answer);
  const { protocolVersion } = facts;
  if (typeof protocolVersion !== 'number') {
    throw new AcpAnswerError(method, 'protocolVersion to be a number', protocolVersion);
  }
  const info = readObject(facts.agentInfo);
  return {
    protocolVersion,
    name: readText(info?.title, 256) || readText(info?.name, 256) || undefined,
    version: readText(info?.version, 256) || undefined,
    capabilities: readObject(facts.agentCapabilities) ?? {},
    meta: readObject(facts._meta) ?? {},
    authMethods: readObjects(facts.authMethods, 64).flatMap((one) => readAuthMethod(one) ?? []),
  };
}

/** Reads the answer to `session/new`. Throws `AcpAnswerError`. */
export function readConversation(answer: unknown): Raw & { readonly sessionId: string } {
  const method = 'session/new';
  const facts = objectOf(method, answer);
  const { sessionId } = facts;
  if (typeof sessionId === 'string' && sessionId !== '') return { ...facts, sessionId };
  throw new AcpAnswerError(method, 'sessionId to be a text', sessionId);
}

/** Reads the answer to `session/prompt`. Throws `AcpAnswerError`. */
export function readTurnEnd(answer: unknown): Raw & { readonly stopReason: string } {
  const method = 'session/prompt';
  const facts = objectOf(method, answer);
  const { stopReason } = facts;
  if (typeof stopReason === 'string') return { ...facts, stopReason };
  throw new AcpAnswerError(method, 'stopReason to be a text', stopReason);
}

function objectOf(method: string, answer: unknown): Raw {
  const facts = readObject(answer);
  if (facts === undefined) throw new AcpAnswerError(method, 'an object', answer);
  return facts;
}

function readAuthMethod(method: Raw): AuthMethod | undefined {
  const id = readText(method.id, 256);
  if (!id) return undefined;
  const args = Array.isArray(method.args) ? method.args : [];
  const variables = [...readObjects(method.vars, 64), ...readObjects([method], 1)]
    .filter((one) => one.optional !== true)
    .flatMap((one) => readText(one === method ? one.varName : one.name, 256) ?? []);
  return {
    id,
    name: readText(method.name, 256) || id,
    description: readText(method.description, 1024),
    isTerminal: method.type === 'terminal',
    args: args.filter((one): one is string => typeof one === 'string'),
    variables,
  };
}

/** A value in a message: short, whatever it is. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return isDeeper(value, 8) ? 'an object' : cut(JSON.stringify(value));
  return cut(JSON.stringify(value) ?? typeof value);
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
