/**
 * @file What has changed in the tables of codes, by which an old client decides what to do.
 */
import { inside } from './contract.js';

const FILE = 'openapi.yaml#';
const TABLES = {
  'x-errors': { kind: 'error code', fields: ['status', 'close_code', 'retryable'] },
  'x-close-codes': { kind: 'close code', fields: ['name', 'resume'] },
};

/**
 * @param {ReturnType<typeof import('./judge.js').createJudge>} judge
 * @param {import('./contract.js').Contract} old
 * @param {import('./contract.js').Contract} current
 */
export function compareCodes(judge, old, current) {
  for (const [table, { kind, fields }] of Object.entries(TABLES)) {
    const place = inside(FILE, table);
    const [before, after] = [old.value(place) ?? {}, current.value(place) ?? {}];
    const tell = (code, change) => judge.tell(code, { direction: 'code', rule: kind, ...change });
    for (const [code, entry] of Object.entries(before)) {
      const at = inside(place, code);
      if (after[code] === undefined) {
        const means = 'Old clients know it and act on it; the new server says something else instead.';
        tell(code, { breaking: true, what: `the ${kind} ${code} is gone, or has another name`, means, old: at });
        continue;
      }
      for (const field of fields.filter((name) => entry[name] !== after[code][name])) {
        const what = `${field} of the ${kind} ${code} was ${entry[field]} and is ${after[code][field]}`;
        const means = 'Old clients act on what they know of it.';
        tell(code, { breaking: true, what, means, old: at, new: at, sample: { [code]: after[code] } });
      }
    }
    for (const code of Object.keys(after).filter((name) => before[name] === undefined)) {
      tell(code, { ...newCode(kind, code, after[code]), new: inside(place, code), sample: { [code]: after[code] } });
    }
  }
}

/** Error codes are extensible. After a close code that it does not know a client connects again. */
function newCode(kind, code, { resume }) {
  const what = `the ${kind} ${code} is new`;
  if (resume !== false) return { breaking: false, what, means: 'Old clients read it as any other.' };
  return {
    breaking: true,
    what: `${what}, and nobody is to connect again after it`,
    means: 'Old clients connect again after a close code that they do not know.',
  };
}
