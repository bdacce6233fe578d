import { expect, test } from 'vitest';
import { chunk } from '../../test/mapping.js';
import { hearMode } from './spoken-mode.js';

const modes = { current: 'default', available: ['default', 'plan'].map((mode_id) => ({ mode_id, name: mode_id })) };
const state = { modes, commands: [], configOptions: [] };

test('a mode that an agent says in place of an update is one', () => {
  const update = { sessionUpdate: 'current_mode_update', currentModeId: 'plan' };
  expect(hearMode(chunk('[MODE_UPDATE] plan'), state)).toEqual(update);
});

test.each([
  ['of no mode of its own', chunk('[MODE_UPDATE] turbo'), state],
  ['of an agent without modes', chunk('[MODE_UPDATE] plan'), { ...state, modes: undefined }],
  ['with more in it', chunk('It says [MODE_UPDATE] plan'), state],
  ['of a user', chunk('[MODE_UPDATE] plan', 'user_message_chunk'), state],
  ['that is not a text', { sessionUpdate: 'agent_message_chunk', content: 5 }, state],
])('a text %s stays what it is', (_, update, { modes: known, ...rest }) => {
  expect(hearMode(update, { ...rest, ...(known && { modes: known }) })).toBe(update);
});
