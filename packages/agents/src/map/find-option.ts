import type { ConfigOption } from '@parleyhq/contract';

/** The settings that stand for one of the agent's own options, whatever it calls that. */
export type OptionSetting = 'model' | 'mode';

/**
 * The option for the model or for the mode: the one with that id, else with that name, else of that category. Of several, the
 * first that has `value`.
 */
export function findOption(
  options: readonly ConfigOption[],
  setting: OptionSetting,
  value?: string | boolean,
): ConfigOption | undefined {
  const is = (text: string | undefined) => text?.toLowerCase() === setting;
  const ways = [
    ({ config_id }: ConfigOption) => is(config_id),
    ({ name }: ConfigOption) => is(name),
    ({ category }: ConfigOption) => is(category),
  ];
  const [found = []] = ways.map((way) => options.filter(way)).filter((some) => some.length > 0);
  return found.find((option) => findValues(option, value).length > 0) ?? found[0];
}

/**
 * The values of an option that a text names: the value itself, or else those with that name, or else those that differ from it by a
 * provider (`provider/model`, or `model(provider)` as Qwen Code has it).
 */
export function findValues({ values }: ConfigOption, wanted: string | boolean | undefined): string[] {
  if (typeof wanted !== 'string') return [];
  const known = values.map(({ value }) => value);
  if (known.includes(wanted)) return [wanted];
  const named = values.filter(({ name }) => name === wanted).map(({ value }) => value);
  if (named.length > 0) return named;
  return known.filter(
    (value) =>
      value.endsWith(`/${wanted}`) ||
      (value !== '' && wanted.endsWith(`/${value}`)) ||
      (value.startsWith(`${wanted}(`) && value.endsWith(')')),
  );
}
