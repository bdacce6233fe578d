import { expect, it } from 'vitest';
import { mapCommands, mapConfigOptions, mapModes } from './session-state.js';

const many = Array.from({ length: 1_000 }, (_, index) => String(index));
const long = 'x'.repeat(4_000);

it('as much of what an agent offers is kept as fits into one event, from its beginning', () => {
  const modes = mapModes({ currentModeId: '0', availableModes: many.map((mode) => ({ id: mode, description: long })) });
  const commands = mapCommands(many.map((name) => ({ name, description: long })));
  const options = mapConfigOptions([
    { id: 'model', type: 'select', currentValue: '0', options: many.map((value) => ({ value, description: long })) },
    { id: 'fast', type: 'boolean', currentValue: true },
    ...many.map((option) => ({ id: option, type: 'boolean', currentValue: true, description: long })),
  ]);
  expect([modes?.available[0]?.mode_id, commands[0]?.name, options[0]?.values[0]?.value]).toEqual(['0', '0', '0']);
  expect(options[1]).toMatchObject({ config_id: 'fast', kind: 'boolean' });
  expect(JSON.stringify([modes, commands, options]).length).toBeLessThan(205_000);
});

it('a thousand models with short names are all kept', () => {
  const options = many.map((model) => ({ value: `provider/model-${model}`, name: `Model ${model}` }));
  const [option] = mapConfigOptions([{ id: 'model', type: 'select', currentValue: 'a', options }]);
  expect(option?.values).toHaveLength(1_000);
});
