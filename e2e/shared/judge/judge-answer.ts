import { judgeAnswer as judgeByContract } from '@parleyhq/conformance';
import type { Answer } from '../wire/parse-answers.js';

/** What is wrong with the answer to a client's mistake; undefined if nothing is. Statuses from 500 are always wrong. */
export function judgeAnswer(method: string, target: string, answer: Answer): string | undefined {
  const { status, body } = answer;
  if (status >= 500) return `status ${status}: ${body.toString('utf8').slice(0, 500)}`;
  return problemOfAnswer(method, target, answer);
}

/**
 * What is wrong with an answer; undefined if nothing is. It must fit openapi.yaml strictly. If the request is no
 * operation, it must be an error of the table.
 */
export function problemOfAnswer(method: string, target: string, answer: Answer): string | undefined {
  const { status, body } = answer;
  const [problem] = judgeByContract(method, target, answer);
  const shown = body.toString('utf8').slice(0, 500);
  return problem && `status ${status}: expected ${problem.expected}, got ${problem.got} in ${shown}`;
}

/** What is wrong with the answer to a request that the documents do not have. */
export function judgeError(answer: Answer): string | undefined {
  if (answer.status >= 500 || answer.status < 400) return `status ${answer.status} where only a refusal is right`;
  // No operation has this target.
  return judgeAnswer('GET', '*', answer);
}
