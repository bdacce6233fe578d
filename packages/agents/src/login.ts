import type { AgentLoginMethod } from '@parleyhq/contract';
import type { AuthMethod } from './acp/read-answers.js';
import { AgentError, AgentSettingError } from './agent-error.js';
import type { AgentDefinition, Environment } from './definition.js';
import { readText } from './map/read.js';

/** The name of a variable with a key, as agents write it into the descriptions of their methods. */
const KEY_VARIABLE = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN)\b/g;

/** The most characters of a sentence or a command, as the contract has them. */
const MAX_TEXT = 8_192;

/**
 * The method that an agent can be logged in with although nobody is asked: the one that the operator names, or the first whose variables
 * are set for the agent. Undefined if there is none.
 */
export function readyMethod(
  methods: readonly AuthMethod[],
  definition: AgentDefinition,
  env: Environment,
): AuthMethod | undefined {
  const usable = methods.filter(({ isTerminal }) => !isTerminal);
  const { authMethod } = definition;
  if (authMethod !== undefined) return usable.find(({ id }) => id === authMethod);
  return usable.find((method) => {
    const keys = keysOf(method, definition);
    return keys.names.length > 0 && keys.areSet(env);
  });
}

/** The methods of an agent, as the contract has them. */
export function loginMethods(methods: readonly AuthMethod[], definition: AgentDefinition): AgentLoginMethod[] {
  return methods.map((method) => {
    const { id, name, description, isTerminal, args } = method;
    const about = description === undefined || description === name ? name : `${name}: ${description}`;
    const described = { id, name, ...(description !== undefined && { description }) };
    const how = (what: string) => readText(`${id} (${about}): ${what}.`, MAX_TEXT) ?? '';
    if (isTerminal) {
      const command = readText([definition.command, ...definition.args, ...args].join(' '), MAX_TEXT) ?? '';
      return { ...described, kind: 'terminal', command, how: how(`run ${command} in a terminal`) };
    }
    const { names, all } = keysOf(method, definition);
    if (names.length > 0) {
      const set = `set ${names.join(all ? ' and ' : ' or ')} for the server`;
      return { ...described, kind: 'env_var', variables: names, how: how(set) };
    }
    return { ...described, kind: 'agent', how: how('the owner of the server starts it with authenticateAgent') };
  });
}

/** How to log in to an agent, a sentence for each of its methods. */
export function describeMethods(methods: readonly AuthMethod[], definition: AgentDefinition): string[] {
  if (methods.length === 0) return ['It names no way to log in: log in with its own command.'];
  return loginMethods(methods, definition).map(({ how }) => how);
}

/**
 * The method of this id, or the only one that can be used. Throws `AgentSettingError` that names the methods if there is no such
 * method or it is for a terminal, and `AgentError` of kind `login` if its variables are not set.
 */
export function chooseMethod(
  methods: readonly AuthMethod[],
  definition: AgentDefinition,
  env: Environment,
  id?: string,
): AuthMethod {
  const described = loginMethods(methods, definition);
  const usable = methods.filter(({ isTerminal }) => !isTerminal);
  const found = id === undefined ? usable : methods.filter((method) => method.id === id);
  const [method, ...more] = found;
  if (method === undefined || more.length > 0) {
    const ids = methods.map((one) => one.id).join(', ');
    const message = `${definition.title}: expected a login method of ${ids}, got ${id ?? 'none'}`;
    throw new AgentSettingError('method', readText(message, MAX_TEXT) ?? '');
  }
  const how = described[methods.indexOf(method)]?.how ?? '';
  // Without this: gives an agent a method that only a person at a terminal can use
  if (method.isTerminal) throw new AgentSettingError('method', how);
  const keys = keysOf(method, definition);
  // Without this: lets an agent wait for a key that it does not get
  if (!keys.areSet(env)) throw new AgentError('login', `${definition.title}: ${how}`, { methods: [how] });
  return method;
}

/** The variables that hold the key of a method: all must be set, if the agent itself names them, else one. */
function keysOf(method: AuthMethod, { keyVariables = {} }: AgentDefinition) {
  const all = method.variables.length > 0;
  const names = [...(all ? method.variables : (keyVariables[method.id] ?? namedVariables(method)))];
  const isSet = (env: Environment) => (name: string) => (env[name] ?? '') !== '';
  const areSet = (env: Environment) => names.length === 0 || (all ? names.every(isSet(env)) : names.some(isSet(env)));
  return { names, all, areSet };
}

function namedVariables({ id, name, description = '' }: AuthMethod): string[] {
  return [...new Set(`${id} ${name} ${description}`.match(KEY_VARIABLE))];
}
