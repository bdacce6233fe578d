import { type Raw, readObject, readObjects, readText } from '../map/read.js';

/** How an answer of the client compares with the recorded one. */
export type Comparison =
  | { readonly verdict: 'same' }
  /** It differs, but means the same to the agent: replay goes on. */
  | { readonly verdict: 'like'; readonly difference: string }
  /** It means something else to the agent: what the agent would do next was not recorded. */
  | { readonly verdict: 'other'; readonly difference: string };

/**
 * Compares two answers to a request of the agent. Two options that both allow are alike, and so are two that both reject.
 * Two accepted answers to a question are alike. Answers to other requests count as the same.
 */
export function compareAnswers(request: Raw, recorded: Raw, given: Raw): Comparison {
  const recordedResult = readObject(recorded.result) ?? {};
  const givenResult = readObject(given.result) ?? {};
  if (request.method === 'session/request_permission') {
    const offered = readObjects(readObject(request.params)?.options, 64);
    const before = choiceOf(recordedResult, offered);
    const now = choiceOf(givenResult, offered);
    if (before.id === now.id) return { verdict: 'same' };
    return { verdict: before.effect === now.effect ? 'like' : 'other', difference: differ(before.name, now.name) };
  }
  if (request.method === 'elicitation/create') {
    const before = readText(recordedResult.action) ?? 'cancel';
    const now = readText(givenResult.action) ?? 'cancel';
    if (before !== now) return { verdict: 'other', difference: differ(before, now) };
    if (JSON.stringify(recordedResult.content) === JSON.stringify(givenResult.content)) return { verdict: 'same' };
    const shown = ({ content }: Raw) => JSON.stringify(content ?? {}).slice(0, 200);
    return { verdict: 'like', difference: differ(shown(recordedResult), shown(givenResult)) };
  }
  return { verdict: 'same' };
}

function differ(recorded: string, given: string): string {
  return `the recorded answer was ${recorded}, this answer is ${given}`;
}

function choiceOf(answer: Raw, offered: readonly Raw[]) {
  const outcome = readObject(answer.outcome);
  if (outcome?.outcome !== 'selected') return { id: undefined, effect: 'cancelled', name: 'cancelled' };
  const option = offered.find(({ optionId }) => optionId === outcome.optionId);
  const kind = readText(option?.kind) ?? 'unknown';
  return {
    id: outcome.optionId,
    effect: kind.split('_')[0],
    name: `${JSON.stringify(option?.name ?? outcome.optionId)} (${kind})`,
  };
}
