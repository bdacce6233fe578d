import { type Raw, readObject, readObjects, readText } from '../map/read.js';

/** How an answer of the client compares with the one on the tape. */
export type Comparison =
  | { readonly verdict: 'same' }
  /** It means the same to the agent: the tape goes on. */
  | { readonly verdict: 'like'; readonly difference: string }
  /** What the agent would have done now is not on the tape. */
  | { readonly verdict: 'other'; readonly difference: string };

/**
 * Compares the answers to a request of the agent. Permission given is like any other permission given, and a rejection
 * like any rejection; a question that is answered is like another answer to it. For other requests the tape goes on.
 */
export function compareAnswers(request: Raw, recorded: Raw, given: Raw): Comparison {
  const [then, now] = [recorded, given].map((answer) => readObject(answer.result) ?? {}) as [Raw, Raw];
  if (request.method === 'session/request_permission') {
    const offered = readObjects(readObject(request.params)?.options, 64);
    const [was, is] = [choiceOf(then, offered), choiceOf(now, offered)];
    if (was.id === is.id) return { verdict: 'same' };
    const difference = `the recording was answered ${was.name} here, this ${is.name}`;
    return { verdict: was.effect === is.effect ? 'like' : 'other', difference };
  }
  if (request.method === 'elicitation/create') {
    const [was, is] = [then, now].map((answer) => readText(answer.action) ?? 'cancel') as [string, string];
    if (was !== is) {
      return { verdict: 'other', difference: `the recording was answered ${was} here, this ${is}` };
    }
    if (JSON.stringify(then.content) === JSON.stringify(now.content)) return { verdict: 'same' };
    const [before, after] = [then, now].map(({ content }) => JSON.stringify(content ?? {}).slice(0, 200));
    return { verdict: 'like', difference: `the recording was answered ${before} here, this ${after}` };
  }
  return { verdict: 'same' };
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
