import { type Json, textAt } from '../documents/json.js';
import type { Parameter } from '../documents/operations.js';
import { badValuesOf } from './bad-values.js';

/** A text for a parameter that breaks one of its constraints. */
export interface BadParameter {
  readonly text: string;
  readonly what: string;
}

/** For each constraint of a parameter in the query or in a header, a text that breaks it. */
export function badParametersOf({ pointer, schema, in: where }: Parameter): BadParameter[] {
  const type = textAt(schema, 'type');
  // Every parameter is a text. A value of a wrong type is a text that cannot be read as the right one.
  const found = badValuesOf(`${pointer}/schema`)
    .filter(({ what }) => !what.includes('in place of'))
    .map(({ value, what }) => ({ text: asText(value), what }))
    .filter(({ text }) => where !== 'header' || /^[\x20-\x7e\x80-\xff]*$/.test(text));
  const unreadable = ['integer', 'number', 'boolean'].includes(type)
    ? [{ text: 'seven', what: `not of type ${type}` }]
    : [];
  return [...found, ...unreadable];
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
