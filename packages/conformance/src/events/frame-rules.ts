import { BrokenRule, NotExercised } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import { ANY_FRAME, FRAME_SCHEMAS } from './frame-log.js';

/** One rule for each type of frame: judges every frame of that type in the whole run. */
export const frameRules: readonly Rule[] = [
  ...Object.entries(FRAME_SCHEMAS).map(([type, { document, pointer }]) => createRule(type, `${document}#${pointer}`)),
  createRule('', ANY_FRAME),
];

function createRule(type: string, source: Rule['source']): Rule {
  return {
    id: 'events/frame',
    subject: type === '' ? 'none of the contract' : type,
    level: 'core',
    title:
      type === ''
        ? 'A server sends no frame that is not in the documents.'
        : 'Every frame of a server fits its schema.',
    source,
    promise: 9,
    when: 'last',
    async run({ frames, strict }) {
      if (frames.frames.size === 0 || (type !== '' && !frames.frames.has(type))) {
        throw new NotExercised('the run had no such frame to judge');
      }
      const broken = frames.findings
        .filter((finding) => finding.type === type && (strict || finding.fit === 'broken'))
        .map(({ expected, got, text }) => new BrokenRule({ expected, got, received: text.slice(0, 2000) }));
      if (broken.length > 0) throw new AggregateError(broken);
    },
  };
}
