import { tryEach } from '../broken-rule.js';
import { type Operation, operations, type Parameter } from '../documents/operations.js';
import type { Rule } from '../rule.js';
import type { World } from '../world/world.js';
import { badParametersOf } from './bad-parameters.js';
import { badValuesOf } from './bad-values.js';
import { expectAnswer } from './expect-answer.js';
import { fillExample, goodCall } from './good-call.js';

/** Each constraint of each parameter and body, broken one at a time. */
export const invalidRules: readonly Rule[] = operations.flatMap((operation) => [
  ...operation.parameters.filter(({ in: where }) => where !== 'path').map((one) => parameterRule(operation, one)),
  ...(takesQuery(operation) ? [unknownParameterRule(operation)] : []),
  ...(operation.body === undefined ? [] : [bodyRule(operation, operation.body.pointer)]),
]);

function parameterRule(operation: Operation, parameter: Parameter): Rule {
  const { name, in: where, pointer } = parameter;
  return {
    id: 'rest/invalid-parameter',
    subject: `${operation.operationId} ${name}`,
    level: 'core',
    title: 'A parameter that breaks a constraint of its schema is refused, and named.',
    source: `openapi.yaml#${pointer}`,
    async run(world) {
      const good = await goodCall(world, operation);
      const place = where === 'query' ? `/query/${name}` : `/headers/${name.toLowerCase()}`;
      const twice = where === 'query' ? [{ text: `1&${name}=1`, what: 'two values' }] : [];
      const bad = badParametersOf(parameter).map(({ text, what }) => ({
        ...{ text: where === 'query' ? encodeURIComponent(text) : text, what },
      }));
      await tryEach([...bad, ...twice], async ({ text, what }) => {
        const changed = where === 'query' ? { path: `${good.path}?${name}=${text}` } : { headers: { [name]: text } };
        const answer = await world.call({ ...good, ...changed });
        expectAnswer(answer, { status: 400, code: 'InvalidRequest', pointer: place, to: `whose ${name} is ${what}` });
      });
    },
  };
}

function unknownParameterRule(operation: Operation): Rule {
  return {
    id: 'rest/unknown-parameter',
    subject: operation.operationId,
    level: 'core',
    title: 'A parameter that the operation does not have is refused, and named.',
    source: `PROTOCOL.md#A server is strict about what it`,
    async run(world) {
      const good = await goodCall(world, operation);
      const answer = await world.call({ ...good, path: `${good.path}?unexpected=1` });
      expectAnswer(answer, { status: 400, code: 'InvalidRequest', pointer: '/query/unexpected' });
    },
  };
}

function bodyRule(operation: Operation, pointer: string): Rule {
  return {
    id: 'rest/invalid-body',
    subject: operation.operationId,
    level: 'core',
    title: 'A body that breaks a constraint of its schema is refused, and each place is named.',
    source: `openapi.yaml#${operation.pointer}`,
    async run(world) {
      const good = await goodCall(world, operation);
      await tryEach(
        badValuesOf(pointer, await sampleFor(world, operation)),
        async ({ value, place, what, pointer }) => {
          const answer = await world.call({ ...good, json: value });
          const to = `with ${what}${place === '' ? '' : ` at ${place}`}`;
          const source = `openapi.yaml#${pointer}` as const;
          expectAnswer(answer, { status: 400, code: 'InvalidRequest', pointer: `/body${place}`, to, source });
        },
      );
    },
  };
}

async function sampleFor(world: World, { body }: Operation) {
  const [, example = null] = body?.examples.at(-1) ?? [];
  return fillExample(world, example);
}

function takesQuery({ parameters, method }: Operation): boolean {
  return parameters.some(({ in: where }) => where === 'query') && method !== 'DELETE';
}
