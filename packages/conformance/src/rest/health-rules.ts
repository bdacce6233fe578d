import { BrokenRule } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import { expectAnswer } from './expect-answer.js';

/** What anybody may ask, and what only those with a credential learn. */
export const healthRules: readonly Rule[] = [
  {
    id: 'rest/health',
    level: 'core',
    title: 'Health is answered without a credential, and tells the version only with one.',
    source: 'openapi.yaml#/paths/~1api~1health/get',
    async run(world) {
      const known = await world.call({ path: '/api/health' });
      expectAnswer(known, { status: 200 });
      for (const as of ['none', { bearer: 'parley_unknown' }] as const) {
        const open = await world.call({ path: '/api/health', as });
        expectAnswer(open, { status: 200 });
        if (Object(open.json).version === undefined) continue;
        throw new BrokenRule({ expected: 'no version without a credential', got: 'one', exchange: open });
      }
    },
  },
];
