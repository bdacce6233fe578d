import { describe, expect, test } from 'vitest';
import { shareOf } from '../../../scripts/test-forms.js';
import { openWith, option } from '../test/settings.js';
import type { ShownSettings } from './agent.js';

const plan = {
  options: [option('effort', ['low', 'high']), option('model', ['big', 'small'])],
  modes: ['auto', 'plan'],
  sets: { model: { effort: 'low' } },
};

/** What a session shows after its user has changed all settings. */
async function changed(first: object = plan): Promise<ShownSettings> {
  await using agent = await openWith(first);
  await agent.configure('mode', 'plan');
  await agent.configure('model', 'small');
  await agent.configure('effort', 'high');
  const { modes, configOptions } = agent.info;
  return { configOptions, ...(modes && { modes }) };
}

describe('an agent that is started again', () => {
  test.each(
    shareOf(
      [
        ['resumes', plan, 's'],
        ['resumes and says nothing of its settings', { ...plan, resumes: 'silent' }, 's'],
        ['begins a new conversation', { ...plan, resumes: 'none' }, 's'],
        ['begins its first conversation', plan, undefined],
        ['answers without its options', { ...plan, answers: {} }, 's'],
      ],
      2,
    ),
  )('and %s has the settings that the session shows', async (_, next, resume) => {
    const shown = await changed();
    await using agent = await openWith(next, { shown, ...(resume !== undefined && { resume }) });
    expect(agent.info.settingsLost).toEqual([]);
    expect(agent.knows()).toBe('effort=high model=small');
    expect(agent.info.modes?.current).toBe('plan');
    expect(await agent.has()).toBe('effort=high model=small mode=plan');
  });

  test('has its models again', async () => {
    const models = { ...plan, options: [option('effort', ['low', 'high'])], models: ['big', 'small'] };
    await using agent = await openWith(models, { shown: await changed(models), resume: 's' });
    expect(await agent.has()).toBe('effort=high mode=plan models=small');
  });

  test('takes the model that was chosen last, also if the first is offered no more', async () => {
    const next = { ...plan, options: [option('effort', ['low', 'high']), option('model', ['new', 'small'])] };
    await using agent = await openWith(next, { shown: await changed(), resume: 's', settings: { model: 'big' } });
    expect(agent.knows()).toBe('effort=high model=small');
  });

  test.each(
    shareOf(
      [
        ['are refused', { ...plan, refuses: ['model', 'mode'] }, ['model (small)', 'mode (plan)']],
        ['are not answered', { ...plan, ignores: ['session/set_mode'] }, ['mode (plan)']],
        ['are offered no more', { ...plan, options: [option('model', ['big'])] }, ['model (small)', 'effort (high)']],
      ],
      3,
    ),
  )('names those that %s', async (_, next, lost) => {
    await using agent = await openWith(next, { shown: await changed(), resume: 's', startTimeoutMs: 4_000 });
    expect(agent.info.settingsLost).toEqual(lost);
  });
});
