import type { AuthMethod } from './acp/read-answers.js';
import type { AgentDefinition, Environment } from './definition.js';

/** The name of a variable with a key, as agents write it into the descriptions of their methods. */
const KEY_VARIABLE = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN)\b/g;

/**
 * The method that an agent can be logged in with although nobody is asked: the one that the operator names, or the first whose variables
 * are set for the agent. Undefined if there is none.
 */
export function readyMethod(
  methods: readonly AuthMethod[],
  { authMethod, keyVariables = {} }: AgentDefinition,
  env: Environment,
): AuthMethod | undefined {
  const isSet = (name: string) => (env[name] ?? '') !== '';
  const usable = methods.filter(({ isTerminal }) => !isTerminal);
  if (authMethod !== undefined) return usable.find(({ id }) => id === authMethod);
  return usable.find((method) => {
    if (method.variables.length > 0) return method.variables.every(isSet);
    return (keyVariables[method.id] ?? namedVariables(method)).some(isSet);
  });
}

/** How to log in to an agent, a sentence for each of its methods. */
export function describeMethods(methods: readonly AuthMethod[], definition: AgentDefinition): string[] {
  if (methods.length === 0) return ['It names no way to log in: log in with its own command.'];
  return methods.map((method) => {
    const { id, name, description, isTerminal, args, variables } = method;
    const about = description === undefined || description === name ? name : `${name}: ${description}`;
    if (isTerminal) {
      return `${id} (${about}): run ${[definition.command, ...definition.args, ...args].join(' ')} in a terminal.`;
    }
    const needed = variables.length > 0 ? variables : (definition.keyVariables?.[id] ?? namedVariables(method));
    const how =
      needed.length > 0
        ? `set ${needed.join(variables.length > 0 ? ' and ' : ' or ')} for the server`
        : 'log in with its own command';
    return `${id} (${about}): ${how}.`;
  });
}

function namedVariables({ id, name, description = '' }: AuthMethod): string[] {
  return [...new Set(`${id} ${name} ${description}`.match(KEY_VARIABLE))];
}
