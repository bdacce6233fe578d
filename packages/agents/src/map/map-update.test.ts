import { expect, test } from 'vitest';

import { end, events, mapInEachTest, send } from '../../test/mapping.js';

mapInEachTest();

test('garbage of any shape comes to no harm', () => {
  for (const value of [undefined, null, 1, 'x', [], {}, { sessionUpdate: 7 }, { sessionUpdate: 'plan', entries: 'x' }])
    send(value);
  for (const kind of [
    'tool_call',
    'agent_message_chunk',
    'available_commands_update',
    'config_option_update',
    'usage_update',
    'current_mode_update',
  ]) {
    send(
      { sessionUpdate: kind },
      { sessionUpdate: kind, toolCallId: 'x', content: 5, title: 6, locations: {}, availableCommands: 3 },
    );
  }
  end();
  expect(events.length).toBeGreaterThan(0); // the helper looks at each of them
});
