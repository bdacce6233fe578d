import type { Exchange } from '../wire/exchange.js';
import { type AnswerProblem, judgeAnswer } from '../wire/judge-answer.js';

/** An answer, and something in it that does not fit the documents. */
export interface Finding {
  readonly exchange: Exchange;
  readonly problem: AnswerProblem;
}

/** The answers of a run. */
export interface Wire {
  /** What was wrong, in order. Of several findings that are alike, the first is kept. */
  readonly findings: readonly Finding[];
  /** How many answers there were, by operationId. Answers of no operation are counted under ''. */
  readonly answers: ReadonlyMap<string, number>;
  /** Answers with an X-Request-Id that an earlier answer had. */
  readonly repeated: readonly Exchange[];
  /** Answers that contain a secret, except those of login. */
  readonly leaks: readonly Exchange[];
}

/**
 * Creates a log that judges answers as they come and keeps what was wrong.
 *
 * @param hide Removes the secrets of the run from a text.
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
