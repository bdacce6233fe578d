import { beforeEach, describe, expect, test } from 'vitest';

import { mapInEachTest, mapper, send } from '../../test/mapping.js';

mapInEachTest();

describe('the session', () => {
  beforeEach(() => void mapper.endTurn(false));

  test('learns modes and options from the start', () => {
    mapper.seed({
      modes: { currentModeId: 'ask', availableModes: [{ id: 'ask', name: 'Ask', description: null }] },
      configOptions: [
        {
          id: 'model',
          name: 'Model',
          category: 'model',
          type: 'select',
          currentValue: 'a',
          options: [{ value: 'a', name: 'A' }],
        },
        {
          id: 'g',
          name: 'Grouped',
          type: 'select',
          currentValue: 'b',
          options: [{ group: 'x', name: 'X', options: [{ value: 'b', name: 'B' }] }],
        },
        { id: 'fast', name: 'Fast', type: 'boolean', currentValue: true },
        { id: 'odd', name: 'Odd', type: 'slider', currentValue: 3 },
      ],
    });
    expect(mapper.state).toEqual({
      commands: [],
      modes: { current: 'ask', available: [{ mode_id: 'ask', name: 'Ask' }] },
      configOptions: [
        {
          config_id: 'model',
          name: 'Model',
          category: 'model',
          kind: 'select',
          value: 'a',
          values: [{ value: 'a', name: 'A' }],
        },
        {
          config_id: 'g',
          name: 'Grouped',
          kind: 'select',
          value: 'b',
          values: [{ value: 'b', name: 'B', group: 'X' }],
        },
        { config_id: 'fast', name: 'Fast', kind: 'boolean', value: true, values: [] },
      ],
    });
  });

  test('follows what the agent changes, and says it outside of a turn too', () => {
    mapper.seed({
      modes: {
        currentModeId: 'ask',
        availableModes: [
          { id: 'ask', name: 'Ask' },
          { id: 'go', name: 'Go' },
        ],
      },
    });
    expect(
      send(
        { sessionUpdate: 'current_mode_update', currentModeId: 'go' },
        { sessionUpdate: 'current_mode_update', currentModeId: 'go' },
        {
          sessionUpdate: 'available_commands_update',
          availableCommands: [{ name: 'plan', description: 'Plan', input: { hint: 'what' } }],
        },
        { sessionUpdate: 'session_info_update', title: 'Sorting' },
        { sessionUpdate: 'session_info_update', updatedAt: '2026-01-01' },
      ),
    ).toEqual([
      { type: 'session_updated', current_mode: 'go' },
      { type: 'session_updated', commands: [{ name: 'plan', description: 'Plan', input_hint: 'what' }] },
      { type: 'session_updated', title: 'Sorting' },
    ]);
    expect(mapper.state.modes?.current).toBe('go');
  });

  test('moves its mode with the option of that category', () => {
    const option = (currentValue: string) => ({
      sessionUpdate: 'config_option_update',
      configOptions: [{ id: 'mode', name: 'Mode', category: 'mode', type: 'select', currentValue, options: [] }],
    });
    mapper.seed({ modes: { currentModeId: 'ask', availableModes: [] }, ...option('ask') });
    expect(send(option('ask'))).toEqual([]);
    expect(send(option('go'))).toMatchObject([{ type: 'session_updated', current_mode: 'go' }]);
  });

  test('keeps what an update of an odd shape does not have', () => {
    const fast = { id: 'fast', name: 'Fast', type: 'boolean', currentValue: true };
    mapper.seed({ configOptions: [fast] });
    send({ sessionUpdate: 'available_commands_update', availableCommands: [{ name: 'plan', description: '' }] });
    const odd = ['config_option_update', 'available_commands_update'].map((sessionUpdate) => ({ sessionUpdate }));
    expect(send(...odd)).toEqual([]);
    expect(mapper.state).toMatchObject({ commands: [{ name: 'plan' }], configOptions: [{ config_id: 'fast' }] });
  });

  test('passes notices on', () => {
    expect(send({ sessionUpdate: 'notice', severity: 'warning', title: 'Slow', description: 'very' })).toEqual([
      { type: 'notice', level: 'warning', code: 'agent_notice', message: 'Slow: very' },
    ]);
  });
});
