import { describe, expect, test } from 'vitest';
import { itInAll, shareOf } from '../../../scripts/test-forms.js';
import { openWith, option } from '../test/settings.js';

const refused = { name: 'AgentSettingError' };

describe('the model of a session', () => {
  const two = ['small', 'large'];
  test.each(
    shareOf(
      [
        ['models beside the options', { models: two, options: [option('effort', ['low'])] }, 'effort=low model=large'],
        ['an option with that id', { options: [option('model', two, { category: 'other' })] }, 'model=large'],
        ['an option with that name', { options: [option('llm', two, { name: 'Model' })] }, 'llm=large'],
        [
          'one of several options of that category',
          {
            options: [
              option('vendor', ['Acme'], { category: 'model' }),
              option('llm', two, { category: 'model' }),
              option('Model', ['small', 'large']),
            ],
          },
          'vendor=Acme llm=small Model=large',
        ],
        [
          'the option of that category that has it',
          { options: [option('vendor', ['Acme'], { category: 'model' }), option('llm', two, { category: 'model' })] },
          'vendor=Acme llm=large',
        ],
        [
          'a value with that name',
          { options: [{ ...option('model', []), currentValue: 'a', options: [{ value: '3-large', name: 'large' }] }] },
          'model=3-large',
        ],
        [
          'a value with a provider behind it',
          { options: [option('model', ['small(x)', 'large(x)'])] },
          'model=large(x)',
        ],
        ['a value with a provider', { options: [option('model', ['acme/small', 'acme/large'])] }, 'model=acme/large'],
      ],
      4,
    ),
  )('reaches an agent that has %s', async (_, plan, known) => {
    await using created = await openWith(plan, { settings: { model: 'large' } });
    expect(created.knows()).toBe(known);
    expect(await created.has()).toContain('large');
    await using configured = await openWith(plan);
    await configured.configure('model', 'large');
    expect(configured.knows()).toBe(known);
    expect(await configured.has()).toContain('large');
  });

  itInAll('may have a provider that the agent does not name', async () => {
    await using agent = await openWith({ models: two }, { settings: { model: 'acme/large' } });
    expect(agent.knows()).toBe('model=large');
  });

  test('is refused where it could be several, and what is called alike elsewhere is not meant', async () => {
    const plan = { options: [option('model', ['x/small', 'x/large', 'y/large']), option('team', ['a', 'x/b'])] };
    await using agent = await openWith(plan);
    await expect(agent.configure('model', 'large')).rejects.toMatchObject(refused);
    await expect(agent.configure('team', 'b')).rejects.toMatchObject(refused);
    await agent.configure('model', 'y/large');
    expect(agent.knows()).toBe('model=y/large team=a');
  });

  itInAll('is the own option of an agent that also names models', async () => {
    await using agent = await openWith({ models: ['old'], options: [option('model', two)] });
    expect(agent.knows()).toBe('model=small');
    await agent.configure('model', 'large');
    expect(await agent.has()).toBe('model=large models=old');
  });
});

describe('a changed option', () => {
  test.each(
    shareOf(
      [
        [{}],
        [null],
        [{ configOptions: null }],
        [{ configOptions: [] }],
        [{ configOptions: [{ id: 'fast' }] }],
        ['done'],
      ],
      3,
    ),
  )('counts, and the others stay, when the answer is %j', async (answers) => {
    await using agent = await openWith({
      answers,
      models: ['m'],
      options: [option('style', ['a', 'b']), option('fast', ['no'])],
    });
    await agent.configure('style', 'b');
    expect(agent.knows()).toBe('style=b fast=no model=m');
    expect(agent.events.filter(({ type }) => type === 'session_updated')).toHaveLength(1);
    await agent.configure('style', 'a');
    expect(agent.knows()).toBe('style=a fast=no model=m');
  });
});
