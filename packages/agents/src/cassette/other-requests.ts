import { type Raw, readObjects } from '../map/read.js';
import type { Scene } from './scenes.js';

/**
 * Gives the `result` or `error` for a request that is neither an opening nor a prompt; `undefined` if it has no answer.
 * `opened` is the answer to the opening of the conversation; empty for a request without a conversation.
 */
export type AnswerOther = (method: string, params: Raw, opened: Raw) => Raw | undefined;

const MAX_OPTIONS = 256;

/**
 * Creates the answers to other requests. Each recorded answer to the same request is given once, in order, and then the
 * last one again. A setting that was not recorded is accepted if the opening offered it: the client shows it as set, and it
 * changes nothing else.
 */
export function createOtherAnswers(scenes: readonly Scene[]): AnswerOther {
  const played = new Set<Scene>();
  return (method, params, opened) => {
    const alike = scenes.filter((scene) => scene.method === method && isSameSetting(scene.params, params));
    const scene = alike.find((candidate) => !played.has(candidate)) ?? alike.at(-1);
    if (scene) played.add(scene);
    const answer = scene?.steps.find((step) => step.kind === 'answer');
    if (answer) return answer.message;
    const configOptions = readObjects(opened.configOptions, MAX_OPTIONS);
    if (method === 'session/set_mode' && opened.modes !== undefined) return { result: {} };
    if (method !== 'session/set_config_option' || !configOptions.some(({ id }) => id === params.configId))
      return undefined;
    const set = (option: Raw) => (option.id === params.configId ? { ...option, currentValue: params.value } : option);
    return { result: { configOptions: configOptions.map(set) } };
  };
}

function isSameSetting(recorded: Raw, params: Raw): boolean {
  return ['modeId', 'configId', 'value'].every((name) => recorded[name] === params[name]);
}
