/**
 * @file The report of a comparison, for a terminal and as Markdown.
 */

/**
 * @typedef {object} Comparison
 * @property {import('./contract.js').Contract} old
 * @property {import('./contract.js').Contract} current
 * @property {import('./judge.js').Change[]} changes
 * @property {boolean} mayBreak Whether the version allows a break.
 */

/** How long a text of a sample, a sample and a list of what is concerned may be. */
const SHORT = 60;
const LONG = 600;
const SHOWN = 8;

/** What it comes to, in one sentence. @param {Comparison} comparison */
export function verdictOf({ old, current, changes, mayBreak }) {
  const breaking = changes.filter((change) => change.breaking).length;
  const versions =
    current.version === old.version ? `since ${old.version}` : `from ${old.version} to ${current.version}`;
  const counts = `${count(breaking, 'breaking change')} and ${count(changes.length - breaking, 'compatible one')} ${versions}`;
  if (breaking === 0) return `${counts}.`;
  if (mayBreak) return `${counts}, which the version allows.`;
  const [major, minor] = old.version.split('.').map(Number);
  const next = major === 0 ? `0.${minor + 1}.0 (before 1.0.0 the minor counts as the major)` : `${major + 1}.0.0`;
  return `${counts}: undo what breaks, or raise info.version of both documents to ${next}.`;
}

/** @param {Comparison} comparison @returns {string} Lines for a terminal. */
export function textReport(comparison) {
  const lines = comparison.changes.flatMap((change) => [
    `${change.breaking ? 'BREAKING  ' : 'compatible'}  ${change.direction}: ${change.what}`,
    `            ${concerns(change)}`,
    `            ${change.means}`,
    ...placesOf(comparison, change).map(([which, place, pointer]) => `            ${which}: ${place}  ${pointer}`),
    ...(change.sample === undefined ? [] : [`            such as ${sampleOf(change.sample)}`]),
    '',
  ]);
  return [...lines, verdictOf(comparison)].join('\n');
}

/** @param {Comparison} comparison @returns {string} A Markdown document. */
export function markdownReport(comparison) {
  const { old, current, changes } = comparison;
  const section = (title, list) => {
    if (list.length === 0) return [];
    return [`## ${title}`, '', ...list.flatMap((change) => describeInMarkdown(comparison, change))];
  };
  return [
    `# Contract ${current.version} beside ${old.version}`,
    '',
    verdictOf(comparison),
    '',
    ...section(
      'Breaking',
      changes.filter(({ breaking }) => breaking),
    ),
    ...section(
      'Compatible',
      changes.filter(({ breaking }) => !breaking),
    ),
  ].join('\n');
}

function describeInMarkdown(comparison, change) {
  return [
    `### ${change.direction}: ${escapeMarkdown(change.what)}`,
    '',
    `${concerns(change)} ${change.means}`,
    '',
    ...placesOf(comparison, change).map(([which, place, pointer]) => `- ${which}: \`${place}\` (\`${pointer}\`)`),
    '',
    ...(change.sample === undefined ? [] : ['```json', sampleOf(change.sample), '```', '']),
  ];
}

function concerns({ where }) {
  const others = where.length - SHOWN;
  return others > 1 ? `In ${where.slice(0, SHOWN).join(', ')} and ${others} more.` : `In ${where.join(', ')}.`;
}

/** @returns {[string, string, string][]} */
function placesOf({ old, current }, change) {
  const found = [];
  if (change.old !== undefined) found.push(['old', old.where(change.old), pointerOf(change.old)]);
  if (change.new !== undefined) found.push(['new', current.where(change.new), pointerOf(change.new)]);
  return found;
}

function pointerOf(place) {
  return place.split('#')[1].replaceAll('~1', '/').replaceAll('~0', '~').replace('/components/schemas/', '');
}

/** A sample as JSON, with what is long cut in the middle. */
function sampleOf(sample) {
  const text = JSON.stringify(shorten(sample));
  return text.length <= LONG ? text : `${text.slice(0, LONG)} …`;
}

function shorten(value) {
  if (typeof value === 'string') {
    const length = [...value].length;
    return length <= SHORT ? value : `${value.slice(0, 8)}… (${length} characters)`;
  }
  if (Array.isArray(value)) {
    return value.length <= 3 ? value.map(shorten) : [shorten(value[0]), `… (${value.length} items)`];
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shorten(part)]));
}

function escapeMarkdown(text) {
  return text.replaceAll(/([*_`<>|\\])/g, '\\$1');
}

function count(number, what) {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
