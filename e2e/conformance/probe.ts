import type { Hits, Mutant } from './mutants/mutant.js';
import type { Change, PassedAnswer, PassedRequest } from './proxy/change.js';

/** A change that only records, and then tells which derived mutants of answers and messages would have applied. */
export interface Probe {
  readonly change: Change;
  /** Whether the change of a mutant would have applied. */
  wasMet(mutant: Mutant): boolean;
}

/** The most messages that are kept for a socket. The first ones of a flood are enough. */
const KEPT = 200;

/** Records a run. Mutants are tried on the record later, so that the run itself does not become slow. */
export function createProbe(): Probe {
  const answers: (readonly [PassedAnswer, PassedRequest])[] = [];
  const sockets: { readonly request: PassedRequest; readonly messages: string[] }[] = [];
  const known = new Map<Mutant, boolean>();

  function look({ create }: Mutant): boolean {
    const hits: Hits = { count: 0 };
    const change = create(hits);
    for (const [answer, request] of change.answer === undefined ? [] : answers) {
      void change.answer?.(answer, request);
      if (hits.count > 0) return true;
    }
    for (const { request, messages } of change.socket === undefined ? [] : sockets) {
      const socket = change.socket?.(request);
      for (const message of messages) socket?.fromServer?.(message);
      if (hits.count > 0) return true;
    }
    return false;
  }

  return {
    change: {
      answer(answer, request) {
        answers.push([answer, request]);
        return answer;
      },
      socket(request) {
        const messages: string[] = [];
        sockets.push({ request, messages });
        return {
          fromServer(message) {
            if (messages.length < KEPT) messages.push(message);
            return [message];
          },
        };
      },
    },
    wasMet(mutant) {
      const met = known.get(mutant) ?? look(mutant);
      known.set(mutant, met);
      return met;
    },
  };
}
