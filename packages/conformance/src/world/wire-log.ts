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
  /** Answers whose X-Request-Id another one had before. */
  readonly repeated: readonly Exchange[];
  /** Answers that hold a secret which they were not asked for. */
  readonly leaks: readonly Exchange[];
}

/**
 * Judges answers as they come, and remembers what was wrong.
 *
 * @param hide takes the secrets of the run out of a text
 */
export function createWireLog(hide: (text: string) => string): Wire & { take(exchange: Exchange): void } {
  const requestIds = new Set<string>();
  const repeated: Exchange[] = [];
  const leaks: Exchange[] = [];
  const findings: Finding[] = [];
  const answers = new Map<string, number>();
  const seen = new Set<string>();
  return {
    findings,
    answers,
    repeated,
    leaks,
    take(exchange) {
      const requestId = exchange.headers.get('x-request-id') ?? '';
      if (requestIds.has(requestId) && requestId !== '') repeated.push(exchange);
      requestIds.add(requestId);
      if (exchange.operation?.operationId !== 'login' && holdsSecret(exchange, hide)) leaks.push(exchange);
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

function holdsSecret({ text, headers }: Exchange, hide: (text: string) => string): boolean {
  return [text, ...headers.values()].some((part) => hide(part) !== part);
}
