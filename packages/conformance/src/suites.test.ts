import { expect, it } from 'vitest';
import { locate, nameOf, SUITES, selectRules } from './index.js';

const rules = Object.values(SUITES).flat();

it('each rule has a name of its own, in its suite, and a sentence', () => {
  for (const [suite, own] of Object.entries(SUITES)) {
    for (const { id, title } of own) {
      expect(id.split('/')[0]).toBe(suite);
      expect(title).toMatch(/^[A-ZÜ].*\.$/s);
    }
  }
  const names = rules.map(nameOf);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

it('each rule is at a line of the contract', () => {
  for (const { source } of rules) expect(locate(source)).toMatch(/^(openapi\.yaml|asyncapi\.yaml|PROTOCOL\.md):\d+$/);
  expect(() => locate('openapi.yaml#/paths/none')).toThrow('no place');
  expect(() => locate('PROTOCOL.md#no such words')).toThrow('no place');
});

it('a level takes in those below it', () => {
  const [core, agent, full] = (['core', 'agent', 'full'] as const).map((level) =>
    selectRules({ level, suites: ['rest'] }),
  );
  expect(core?.length).toBeGreaterThan(100);
  expect(agent).toEqual(expect.arrayContaining(core ?? []));
  expect(full).toEqual(expect.arrayContaining(agent ?? []));
  expect(selectRules({ rules: ['rest/health'] }).map(nameOf)).toEqual(['rest/health']);
  expect(selectRules({ rules: ['rest/media-type (submit)'] }).map(nameOf)).toEqual(['rest/media-type (submit)']);
});
