/**
 * @file What has changed in the answers of an operation.
 */
import { inside } from './contract.js';
import { objectNode } from './shapes.js';

/**
 * @param {ReturnType<typeof import('./judge.js').createJudge>} judge
 * @param {import('./contract.js').Contract} old
 * @param {import('./contract.js').Contract} current
 * @param {{id: string, operation: any, place: string}} before
 * @param {{id: string, operation: any, place: string}} after
 */
export function compareAnswers(judge, old, current, before, after) {
  const [known, possible] = [answersOf(old, before), answersOf(current, after)];
  for (const [status, place] of possible) {
    const reader = known.get(status) ?? (isError(status) ? known.get('default') : undefined);
    if (reader === undefined) {
      const means = 'The new server may answer this; an old client does not know it.';
      judge.tell(before.id, {
        breaking: true,
        direction: 'answer',
        rule: 'status',
        what: `the status ${status} is new`,
        means,
        old: before.place,
        new: place,
      });
      continue;
    }
    const where = `${before.id} ${status}`;
    judge.compare('answer', 'answer', where, (side, isOld) => contentNode(side, isOld ? reader : place));
    judge.compare('answer', 'answer, headers', where, (side, isOld) => headersNode(side, isOld ? reader : place));
    if (!known.has(status)) {
      const means = 'An old client reads it as any other error.';
      judge.tell(before.id, {
        breaking: false,
        direction: 'answer',
        rule: 'status',
        what: `the status ${status} is new`,
        means,
        old: reader,
        new: place,
      });
    }
  }
  for (const [status, place] of known) {
    if (possible.has(status)) continue;
    const breaking = !isError(status);
    const means = breaking
      ? 'Old clients wait for this answer; the new server does not give it.'
      : 'The new server does not answer this any more.';
    judge.tell(before.id, {
      breaking,
      direction: 'answer',
      rule: 'status',
      what: `the status ${status} is gone`,
      means,
      old: place,
      new: after.place,
    });
  }
}

function isError(status) {
  return status === 'default' || Number(status) >= 400;
}

function answersOf(contract, { operation, place }) {
  return new Map(
    Object.keys(operation.responses ?? {}).map((status) => [
      status,
      contract.follow(inside(place, 'responses', status)),
    ]),
  );
}

function contentNode({ contract, node }, place) {
  const { content = {} } = contract.value(place);
  const types = Object.keys(content);
  const members = types.map((type) => {
    return { name: type, node: node(inside(place, 'content', type, 'schema')), required: types.length === 1, place };
  });
  // Closed for a tolerant reader too: of another media type it can read nothing.
  return objectNode(place, members, true);
}

function headersNode({ contract, node, mode }, place) {
  const members = Object.keys(contract.value(place).headers ?? {}).map((name) => {
    const at = contract.follow(inside(place, 'headers', name));
    const required = contract.value(at).required === true;
    return { name: name.toLowerCase(), node: node(inside(at, 'schema')), required, place: at };
  });
  return objectNode(place, members, mode === 'strict');
}
