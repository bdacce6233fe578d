import { find } from '../shared/document.js';
import { problemOfAnswer } from '../shared/judge/judge-answer.js';
import { closeCodeOf, problemOfFrame } from '../shared/judge/judge-frame.js';
import type { Frame } from '../shared/wire/parse-frames.js';
import { problemOfClientFrame, problemOfRequest } from './judge-request.js';
import type { Connection, Exchange, Recording } from './read-recording.js';

/** Close codes with which the server refuses frames of a client. */
const REFUSED = new Set([1002, 1003, 1007, 1009, 4400]);

/**
 * Everything that the documents do not describe: an answer, a frame of the server, a wrong request that was accepted, a
 * wrong frame of a client that was not refused. Suites may send malformed things on purpose, as long as the server
 * refuses them.
 */
export function findBreaches({ exchanges, connections, refusals }: Recording): string[] {
  return [
    ...exchanges.flatMap(breachesOfExchange),
    ...connections.flatMap(breachesOfConnection),
    ...refusals.flatMap(({ suite, answer }) => told(suite, 'a refusal', problemOfAnswer('', '', answer))),
  ];
}

function breachesOfExchange({ suite, request, answer }: Exchange): string[] {
  if (answer === undefined) return [];
  const { method, target } = request;
  const what = `${method} ${target}`;
  const accepted = answer.status < 400 && method !== 'OPTIONS' && method !== 'HEAD';
  return [
    ...told(suite, `${what} was answered`, problemOfAnswer(method, target, answer)),
    ...(accepted ? told(suite, `${what} was accepted`, problemOfRequest(request)) : []),
  ];
}

function breachesOfConnection({ suite, target, server, client }: Connection): string[] {
  const wrong = client.map(problemOfClientFrame).filter((problem) => problem !== undefined);
  const errors = server.filter((frame) => problemOfFrame(frame) === undefined && isError(frame)).length;
  const isRefused = wrong.length <= errors || server.some((frame) => REFUSED.has(closeCodeOf(frame) ?? 0));
  return [
    ...server.flatMap((frame) => told(suite, `${target} sent`, problemOfFrame(frame))),
    ...(isRefused ? [] : told(suite, `${target} refused ${errors} of ${wrong.length} frames of its client`, wrong[0])),
  ];
}

function isError({ opcode, payload }: Frame): boolean {
  return opcode === 0x1 && find(JSON.parse(payload.toString('utf8')), 'type') === 'error';
}

function told(suite: string, what: string, problem: string | undefined): string[] {
  return problem === undefined ? [] : [`${suite}: ${what}: ${problem}`];
}
