import { headerOf, withHeader } from '../proxy/change.js';
import { type Mutant, mutant } from './mutant.js';
import { answering, answeringWith, askingWith } from './wrongly.js';

const listed = { provokedBy: ['rest/agents', 'rest/agent-workspaces'] };

/** Servers that break what the documents say in words about every answer, and about incomplete requests. */
export const trafficMutants: readonly Mutant[] = [
  {
    ...mutant(
      9,
      'duplicate',
      'the X-Request-Id of an answer',
      'rest/request-id',
      answeringWith(['listAgents'], (answer) => ({
        ...answer,
        headers: withHeader(answer.headers, 'X-Request-Id', '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11'),
      })),
    ),
    ...listed,
  },
  {
    ...mutant(
      9,
      'leak',
      'the credential of a request, in its answer',
      'rest/no-secrets',
      answering('listAgents', (body, { headers }) => {
        const credential = headerOf(headers, 'authorization');
        if (credential === undefined || !Array.isArray(body.agents)) return false;
        for (const agent of body.agents) Object(agent).notes = [credential];
      }),
    ),
    ...listed,
  },
  mutant(
    2,
    'wrong value',
    'the length of a page that names none',
    'rest/history-default-page',
    askingWith(['getHistory'], (request) => {
      const { target } = request;
      if (target.includes('limit=')) return undefined;
      return { ...request, target: `${target}${target.includes('?') ? '&' : '?'}limit=50` };
    }),
  ),
];
