import { describe, expect, test } from 'vitest';

import { addTokens, createUsageMeter } from './usage-meter.js';

describe('the usage of a turn', () => {
  test('is what the sum of the session has grown by', () => {
    const meter = createUsageMeter();
    expect(meter.turn({ input_tokens: 100, output_tokens: 20 })).toEqual({ input_tokens: 100, output_tokens: 20 });
    expect(meter.turn({ input_tokens: 250, output_tokens: 20, cached_tokens: 7 })).toEqual({
      ...{ input_tokens: 150, output_tokens: 0, cached_tokens: 7 },
    });
    expect(meter.turn({ input_tokens: 260, cached_tokens: 9 })).toEqual({ input_tokens: 10, cached_tokens: 2 });
    expect(meter.turn({ input_tokens: 270, output_tokens: 21 })).toEqual({ input_tokens: 10, output_tokens: 1 });
  });

  test('is what the agent says once its count has become smaller', () => {
    const meter = createUsageMeter();
    meter.turn({ input_tokens: 100, total_tokens: 120 });
    expect(meter.turn({ input_tokens: 110, total_tokens: 115 })).toEqual({ input_tokens: 110, total_tokens: 115 });
    expect(meter.turn({ input_tokens: 900, total_tokens: 950 })).toEqual({ input_tokens: 900, total_tokens: 950 });
  });

  test('is what the agent says of one that is known to count by turn', () => {
    const meter = createUsageMeter('turn');
    for (const input_tokens of [100, 200, 50]) expect(meter.turn({ input_tokens })).toEqual({ input_tokens });
  });

  test('has the tokens of both when it is added', () => {
    const before = { context_used: 5, input_tokens: 1, total_tokens: 3 };
    expect(addTokens(before, { input_tokens: 2, output_tokens: 4 })).toEqual({
      ...{ input_tokens: 3, output_tokens: 4, total_tokens: 3 },
    });
  });
});
