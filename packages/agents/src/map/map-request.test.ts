import { expect, it } from 'vitest';
import type { CreateElicitationRequest } from '../acp/connection.js';
import { mapElicitation } from './map-request.js';

const form = (description: string) => {
  const requestedSchema = { type: 'object', properties: { name: { type: 'string', description } } };
  return { sessionId: 's', mode: 'form', message: 'Who?', requestedSchema } as CreateElicitationRequest;
};

it('a question with a form is passed on unless it is too large to be shown', () => {
  expect(mapElicitation(form('x'.repeat(60_000)), 'turn')).toMatchObject({
    turnId: 'turn',
    mode: 'form',
    message: 'Who?',
  });
  expect(mapElicitation(form('x'.repeat(70_000)), 'turn')).toBeUndefined();
});
