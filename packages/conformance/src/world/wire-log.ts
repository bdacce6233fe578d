import type { Exchange } from '../wire/exchange.js';
import { type AnswerProblem, judgeAnswer } from '../wire/judge-answer.js';

/** An answer, and what of it the documents do not say. */
export interface Finding {
  readonly exchange: Exchange;
  readonly problem: AnswerProblem;
}

/** What the wire carried in a run. */
export interface Wire {
  /** What was wrong, in order. Of many that are alike the first is kept. */
  readonly findings: readonly Finding[];
  /** How many answers there were, by operationId; those of no operation below an empty text. */
  readonly answers: ReadonlyMap<string, number>;
}

/** Judges answers as they come, and remembers what was wrong. */
export function createWireLog(): Wire & { take(exchange: Exchange): void } {
  const findings: Finding[] = [];
  const answers = new Map<string, number>();
  const seen = new Set<string>();
  return {
    findings,
    answers,
    take(exchange) {
      const { request, operation, status } = exchange;
      const operationId = operation?.operationId ?? '';
      answers.set(operationId, (answers.get(operationId) ?? 0) + 1);
      for (const problem of judgeAnswer(request.method, request.path, exchange)) {
        const key = [operationId, status, problem.part, problem.fit, problem.expected].join();
        if (seen.has(key)) continue;
        seen.add(key);
        findings.push({ exchange, problem });
      }
    },
  };
}
