import { type Hits, type Mutant, titleOf } from './mutants/mutant.js';
import type { Change, PassedAnswer, PassedRequest } from './proxy/change.js';

/** A change that changes nothing and finds out which mutants of answers and messages would. */
export interface Probe {
  readonly change: Change;
  /** Whether what a mutant changes was on the wire; of what a mutant does to requests nothing is known. */
  wasMet(mutant: Mutant): boolean;
}

/** Watches a run for what mutants change. */
export function createProbe(mutants: readonly Mutant[]): Probe {
  const met = new Set<string>();
  let waiting = mutants.map((mutant) => {
    const hits: Hits = { count: 0 };
    return { title: titleOf(mutant), hits, change: mutant.create(hits) };
  });
  const blind = new Set(waiting.filter(({ change }) => change.request || change.instead).map(({ title }) => title));
  waiting = waiting.filter(({ title }) => !blind.has(title));

  function look(one: (change: Change) => void): void {
    for (const { change } of waiting) one(change);
    for (const { title } of waiting.filter(({ hits }) => hits.count > 0)) met.add(title);
    waiting = waiting.filter(({ hits }) => hits.count === 0);
  }

  return {
    change: {
      answer(answer: PassedAnswer, request: PassedRequest) {
        look((change) => void change.answer?.(answer, request));
        return answer;
      },
      socket(request) {
        const sockets = waiting.map(({ title, hits, change }) => ({ title, hits, socket: change.socket?.(request) }));
        return {
          fromServer(message) {
            for (const { title, hits, socket } of sockets) {
              if (met.has(title)) continue;
              try {
                socket?.fromServer?.(message);
              } catch {
                met.add(title); // It cuts the connection.
              }
              if (hits.count > 0) met.add(title);
            }
            return [message];
          },
        };
      },
    },
    wasMet: (mutant) => met.has(titleOf(mutant)) || blind.has(titleOf(mutant)),
  };
}
