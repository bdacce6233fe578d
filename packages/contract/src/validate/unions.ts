import { need, object, own } from './objects.js';
import { type Check, fail, failType, type Kind, kindOf, listed, type Problem, problemsOf, report } from './problems.js';

/** Checks a value by its kind. Kinds without a check fail, or pass if `expected` is undefined. */
export function kinds(expected: string | undefined, checks: Readonly<Partial<Record<Kind, Check>>>): Check {
  return (value, problems) => {
    const check = checks[kindOf(value)];
    if (check !== undefined) check(value, problems);
    else if (expected !== undefined) failType(problems, expected, value);
  };
}

/** Every check must pass. */
export function all(...checks: readonly Check[]): Check {
  return (value, problems) => {
    for (const check of checks) check(value, problems);
  };
}

/** At least one check must pass. */
export function some(...checks: readonly Check[]): Check {
  return (value, problems) => {
    const failures: Problem[][] = [];
    for (const check of checks) {
      const found = problemsOf(check, value);
      if (found.length === 0) return;
      failures.push(found);
    }
    problems.push(...explain('anyOf', failures, value));
  };
}

/** Exactly one check must pass. */
export function one(...checks: readonly Check[]): Check {
  return (value, problems) => {
    const failures = checks.map((check) => problemsOf(check, value)).filter((found) => found.length > 0);
    const passed = checks.length - failures.length;
    if (passed === 0) problems.push(...explain('oneOf', failures, value));
    else if (passed > 1) {
      report(problems, 'oneOf', `expected exactly one of ${checks.length} variants to fit, got ${passed} that do`);
    }
  };
}

/** The check must not pass. */
export function not(check: Check): Check {
  return (value, problems) => {
    if (problemsOf(check, value).length === 0) fail(problems, 'not', 'something else', value);
  };
}

/** Applies `then` if the condition passes, else `otherwise`. */
export function when(condition: Check, then: Check, otherwise: Check): Check {
  return (value, problems) => {
    if (problemsOf(condition, value).length === 0) then(value, problems);
    else otherwise(value, problems);
  };
}

/** Checks the variant that a property names. With `open`, unknown names pass. */
export function tagged(property: string, variants: Readonly<Record<string, Check>>, open = false): Check {
  const known = new Map(Object.entries(variants));
  return (value, problems) => {
    if (!object(value, problems)) return;
    const tag = own(value, property);
    const check = typeof tag === 'string' ? known.get(tag) : undefined;
    if (check !== undefined) check(value, problems);
    else if (!open || typeof tag !== 'string') {
      need(tag, property, (_, inner) => fail(inner, 'oneOf', listed([...known.keys()]), tag), problems);
    }
  };
}

/** Reports the problems of the variant with the fewest ones. Variants of other types are only named. */
function explain(keyword: string, failures: readonly Problem[][], value: unknown): Problem[] {
  const wrongType = ({ pointer, keyword: word }: Problem) => pointer === '' && word === 'type';
  const near = failures.filter((found) => !found.some(wrongType));
  if (near.length > 0) return near.reduce((best, found) => (found.length < best.length ? found : best));
  const expected = failures.flat().filter(wrongType);
  const types = expected.map(({ message }) => message.slice('expected '.length, message.lastIndexOf(', got ')));
  return [{ pointer: '', keyword, message: `expected ${[...new Set(types)].join(' or ')}, got ${kindOf(value)}` }];
}
