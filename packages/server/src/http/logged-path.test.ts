import { expect, it } from 'vitest';
import { loggedPath } from './logged-path.js';

it.each([
  [
    '/api/sessions/0f0e6f0c-6c0b-4b3b-8f4e-0d6a3f1c2b4d/submit',
    '/api/sessions/0f0e6f0c-6c0b-4b3b-8f4e-0d6a3f1c2b4d/submit',
  ],
  ['/api/sessions/parley_secret/events?since_event_id=parley_secret', '/api/sessions/*/events'],
  ['/api/openapi.yaml', '/api/openapi.yaml'],
  ['/parley_secret', '/*'],
  ['/{session_id}', '/*'],
  ['http://user:secret@host/api', '*//*/api'],
  ['*', '*'],
  [`/${'a/'.repeat(100)}`, `${'/*'.repeat(11)}`],
])('of %s the log has %s', (target, logged) => {
  expect(loggedPath(target)).toBe(logged);
});
