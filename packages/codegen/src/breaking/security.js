/**
 * @file Whether the credentials that sufficed still do.
 */

/**
 * @typedef {object} Security
 * @property {string} place
 * @property {Record<string, string[]>[]} requirements Alternatives, each of which suffices; none: no credential is needed.
 * @property {(name: string) => any} definition What a name stands for.
 */

/**
 * @param {ReturnType<typeof import('./judge.js').createJudge>} judge
 * @param {string} where
 * @param {Security} before
 * @param {Security} after
 */
export function compareSecurity(judge, where, before, after) {
  const [old, current] = [alternativesOf(before), alternativesOf(after)];
  const isEnough = (alternative, others) => others.some((other) => other.every((part) => alternative.includes(part)));
  const change = { direction: 'credentials', rule: 'security', old: before.place, new: after.place };
  for (const alternative of old.filter((one) => !isEnough(one, current))) {
    const what = `${described(alternative)} does not suffice any more`;
    judge.tell(where, { ...change, breaking: true, what, means: 'Old clients that show no more are refused.' });
  }
  for (const alternative of current.filter((one) => !isEnough(one, old))) {
    const what = `${described(alternative)} suffices now`;
    judge.tell(where, { ...change, breaking: false, what, means: 'Old clients show what they showed.' });
  }
}

/** What must be shown together, by alternative; what a scheme is called does not matter. */
function alternativesOf({ requirements, definition }) {
  if (requirements.length === 0) return [[]];
  return requirements.map((requirement) =>
    Object.entries(requirement).map(([name, scopes]) => {
      const { description: _, ...scheme } = definition(name) ?? { name };
      return JSON.stringify([...Object.entries(scheme).sort(), ...scopes.map((scope) => ['scope', scope])]);
    }),
  );
}

function described(alternative) {
  if (alternative.length === 0) return 'no credential';
  return alternative
    .map((part) =>
      JSON.parse(part)
        .map(([key, value]) => `${key} ${value}`)
        .join(', '),
    )
    .join(' and ');
}
