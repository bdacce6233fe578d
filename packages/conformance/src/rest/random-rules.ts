import type { Rule } from '../rule.js';
import type { Random } from '../world/random.js';
import { startConversation } from './conversation.js';
import { expectFields } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

const LETTERS = [
  'a',
  'Z',
  '0',
  ' ',
  '\n',
  '\\',
  '"',
  "'",
  '<',
  'ü',
  'ß',
  '请',
  '🙂',
  '\u0301',
  '\u2028',
  '\u0001',
  '\ud83d\udc69\u200d',
];

/** Random valid inputs, from the seed of the run. Whatever fits the documents is accepted and kept unchanged. */
export const randomRules: readonly Rule[] = [
  {
    id: 'rest/random-session',
    level: 'agent',
    title: 'A session keeps any settings that fit the documents.',
    source: 'openapi.yaml#/components/schemas/CreateSessionRequest',
    async run(world) {
      const random = world.random('rest/random-session');
      for (let n = 0; n < 3; n += 1) {
        const settings = {
          model: `model-${plainText(random, 200)}`,
          oss: random.chance(50),
          web_search: random.chance(50),
          config_profile: `profile ${plainText(random, 100)}`,
          approval_policy: random.pick(['ask', 'deny']),
          approval_timeout: random.integer(1_000, 86_400_000),
          title: `t${text(random, 100)}`.slice(0, 200),
          metadata: objectOf(random),
        };
        const { path, cwd } = await world.createSession(settings);
        expectFields(await world.call({ path }), { ...settings, cwd });
      }
    },
  },
  {
    id: 'rest/random-message',
    level: 'agent',
    title: 'Any message that fits the documents is accepted, and is in the log unchanged.',
    source: 'openapi.yaml#/components/schemas/UserMessageSubmission',
    promise: 1,
    async run(world) {
      const random = world.random('rest/random-message');
      const talk = await startConversation(world);
      for (let n = 0; n < 6; n += 1) {
        const submission = { type: 'user_message', content: contentOf(random), metadata: objectOf(random) };
        const answer = await talk.submit(submission);
        expectAnswer(answer, { status: 200 });
        const event_id = Number(field(answer.json, 'event_id'));
        const page = await talk.call('GET', `/history?after=${event_id - 1}&limit=1`);
        expectFields({ ...page, json: field(page.json, 'items', 0, 'payload', 'submission') }, submission);
      }
      await talk.submit({ type: 'interrupt', clear_queue: true });
    },
  },
];

/** Random content. It begins with a scenario of the demo agent that ends at once. */
function contentOf(random: Random): unknown {
  const said = `/refuse ${text(random, 2_000)}`;
  if (random.chance(40)) return said;
  const blocks = [
    { type: 'image', mime_type: 'image/png', data: 'iVBORw0KGgo=' },
    { type: 'resource_link', uri: 'file:///README.md', name: `n${text(random, 50)}`, size: random.integer(0, 1e9) },
    { type: 'text', text: text(random, 100) },
  ];
  return [{ type: 'text', text: said }, ...blocks.filter(() => random.chance(60))];
}

function objectOf(random: Random): Record<string, unknown> {
  const names = Array.from({ length: random.integer(0, 8) }, (_, index) => `${index}${text(random, 20)}`);
  return Object.fromEntries(names.map((name) => [name, anyValue(random, 3)]));
}

function anyValue(random: Random, depth: number): unknown {
  const kind = random.integer(0, depth > 0 ? 6 : 4);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(50);
  if (kind === 2) return random.integer(-1e9, 1e9) / random.pick([1, 8, 1_000]);
  if (kind === 3 || kind === 4) return text(random, 60);
  const values = Array.from({ length: random.integer(0, 3) }, () => anyValue(random, depth - 1));
  return kind === 5 ? values : Object.fromEntries(values.map((value, index) => [`k${index}`, value]));
}

function text(random: Random, longest: number): string {
  return Array.from({ length: random.integer(0, longest) }, () => random.pick(LETTERS))
    .join('')
    .slice(0, longest)
    .replace(/[\uD800-\uDBFF]$/, ''); // of a pair that was cut, a server keeps no half
}

/** A random text without control characters, which names of models and profiles may not have. */
function plainText(random: Random, longest: number): string {
  const plain = ['a', 'Z', '0', '-', '.', '/', 'ü', '请'];
  return Array.from({ length: random.integer(0, longest) }, () => random.pick(plain)).join('');
}
