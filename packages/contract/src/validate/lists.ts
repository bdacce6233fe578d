import { need } from './objects.js';
import { type Check, count, failType, LIMIT, problemsOf, report, UNBOUNDED } from './problems.js';
import { anything, equal } from './values.js';

/** Checks an array. `first` are the checks of its first elements; `items` is the check of all others. */
export function list(items: Check = anything, min = 0, max = UNBOUNDED, first: readonly Check[] = []): Check {
  return (value, problems) => {
    if (!Array.isArray(value)) return failType(problems, 'array', value);
    if (value.length < min)
      report(problems, 'minItems', `expected at least ${count(min, 'item')}, got ${value.length}`);
    if (value.length > max) report(problems, 'maxItems', `expected at most ${count(max, 'item')}, got ${value.length}`);
    for (let index = 0; index < value.length && problems.length < LIMIT; index++) {
      need(value[index], index, first[index] ?? items, problems);
    }
  };
}

/** If the value is an array, checks that no element occurs twice. */
export const unique: Check = (value, problems) => {
  if (!Array.isArray(value)) return;
  const twice = value.findIndex((element, index) => value.slice(0, index).some((earlier) => equal(earlier, element)));
  if (twice >= 0) report(problems, 'uniqueItems', `expected no item twice, got item ${twice} again`);
};

/** If the value is an array, checks that `min` to `max` of its elements pass a check. */
export function contains(check: Check, min = 1, max = UNBOUNDED): Check {
  return (value, problems) => {
    if (!Array.isArray(value)) return;
    const found = value.filter((element) => problemsOf(check, element).length === 0).length;
    if (found < min) report(problems, 'contains', `expected at least ${count(min, 'fitting item')}, got ${found}`);
    if (found > max) report(problems, 'contains', `expected at most ${count(max, 'fitting item')}, got ${found}`);
  };
}
