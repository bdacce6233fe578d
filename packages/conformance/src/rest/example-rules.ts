import type { Json } from '../documents/json.js';
import { operations } from '../documents/operations.js';
import type { Level, Rule } from '../rule.js';
import { type ExpectedAnswer, expectAnswer } from './expect-answer.js';
import { fillExample, goodCall } from './good-call.js';

/** The answer to each documented body in an idle session in which the ids of the examples do not exist. */
const ANSWERS: Readonly<Record<string, ExpectedAnswer & { level?: Level }>> = {
  'createSession seed': { status: 201, level: 'agent' },
  'createSession shortest': { status: 201 },
  'forkSession end': { status: 201, level: 'agent' },
  'forkSession after': { status: 422, code: 'UnsupportedByAgent', pointer: '/body/after_event_id', level: 'agent' },
  'submit user_message': { status: 200 },
  'submit interrupt': { status: 200 },
  'submit approval': { status: 404, code: 'ApprovalNotFound' },
  'submit elicitation': { status: 404, code: 'ApprovalNotFound' },
  // The demo agent does not have the mode of the example.
  'submit configure': {
    status: 400,
    code: 'InvalidRequest',
    pointer: ['/body/value', '/body/config_id'],
    level: 'agent',
  },
  'applyPatch seen': { status: 409, code: 'NoPendingPatch' },
  'applyPatch pending': { status: 409, code: 'NoPendingPatch' },
  'revertPatch last': { status: 409, code: 'NothingToRevert' },
  'login token': { status: 200 },
  // The demo agent wants no login.
  'authenticateAgent method': { status: 422, code: 'UnsupportedByAgent', level: 'agent' },
};

/** The status of the answer of operations without a body, in an existing session. Default: 200. */
const WITHOUT_BODY: Readonly<Record<string, number>> = {
  closeSession: 204,
  getPatch: 409,
  probeEvents: 426,
  logout: 204,
};

/** Sends each documented request as it is written. */
export const exampleRules: readonly Rule[] = operations.flatMap(({ operationId, pointer, body, parameters }) => {
  // It has no documented request: a parameter of it depends on the run.
  if (parameters.some(({ in: where, required }) => where === 'query' && required)) return [];
  if (body === undefined) return [createRule(operationId, pointer, { status: WITHOUT_BODY[operationId] ?? 200 })];
  return body.examples.map(([name, value]) => {
    const { level, ...expected } = ANSWERS[`${operationId} ${name}`] ?? { status: 200 };
    const place = `${pointer}/requestBody/content/application~1json/examples/${name}`;
    return createRule(operationId, place, expected, { name, value, level });
  });
});

function createRule(
  operationId: string,
  pointer: string,
  expected: ExpectedAnswer,
  example?: { name: string; value: Json; level: Level | undefined },
): Rule {
  return {
    id: 'rest/example',
    subject: example === undefined ? operationId : `${operationId} ${example.name}`,
    level: example?.level ?? 'core',
    title: 'A documented request is answered as documented.',
    source: `openapi.yaml#${pointer}`,
    async run(world) {
      const operation = operations.find((one) => one.operationId === operationId);
      if (operation === undefined) return;
      const changes = operationId === 'closeSession' || example?.name === 'user_message';
      const good = await goodCall(world, operation, changes ? (await world.createSession()).path : undefined);
      const json = example === undefined ? {} : { json: await fillExample(world, example.value) };
      expectAnswer(await world.call({ ...good, ...json }), expected);
    },
  };
}
