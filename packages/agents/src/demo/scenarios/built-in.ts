import type { Scenario } from '../scenario.js';
import { long } from './long.js';
import { sort } from './sort.js';

const approve: Scenario = {
  name: 'approve',
  description: 'Asks before it runs a command.',
  steps: [
    { say: { zh: '我想运行一个命令。', en: 'I would like to run a command.' } },
    {
      run: ['node', '-e', "console.log('approved')"],
      ask_first: true,
      rejected: [{ say: { zh: '好的,不运行。', en: 'All right, it was not run.' } }],
    },
  ],
};

const ask: Scenario = {
  name: 'ask',
  description: 'Asks the user a question and uses the answer.',
  steps: [
    { say: { zh: '开始之前有一个问题。', en: 'One question before I begin.' } },
    {
      question: { zh: '用哪种语言实现?', en: 'Which language shall it be?' },
      fields: { language: { type: 'string', title: 'Language', enum: ['TypeScript', 'Python', 'Rust'] } },
      accepted: [{ say: { zh: '好的,用 {language}。', en: '{language} it is.' } }],
      declined: [{ say: { zh: '那我自己决定:TypeScript。', en: 'Then I decide: TypeScript.' } }],
    },
  ],
};

const background: Scenario = {
  name: 'background',
  description: 'Ends its turn, goes on by itself, and asks before it runs a command.',
  steps: [{ say: { zh: '我在后台继续。', en: 'I go on in the background.' } }],
  later: [
    { say: { zh: '后台任务有结果了。', en: 'There is a result. ' } },
    {
      run: ['node', '-e', "console.log('approved')"],
      ask_first: true,
      rejected: [{ say: { zh: '好的,不运行。', en: 'All right, it was not run.' } }],
    },
  ],
};

const command: Scenario = {
  name: 'command',
  description: 'Runs a harmless command and shows its output as it comes.',
  steps: [
    { say: { zh: '我来看看环境。', en: 'Let me look at the environment.' } },
    {
      run: [
        'node',
        '-e',
        "for (let i = 1; i <= 3; i++) setTimeout(() => console.log('line', i, 'of 3, node', process.version), i * 20)",
      ],
    },
    { say: { zh: '命令已结束。', en: 'The command has ended.' } },
  ],
};

const crash: Scenario = {
  name: 'crash',
  description: 'Ends its process with exit code 3 in the middle of an answer.',
  steps: [{ say: { zh: '我要崩溃了……', en: 'I am about to crash…' } }, { exit: 3 }],
};

const GREET_TS = `/** Greets by name. */
export function greet(name: string): string {
  return \`Hello, \${name}!\`;
}
`;
const INDEX_TS = `export { greet } from './greet.js';
`;
const edits: Scenario = {
  name: 'edits',
  description: 'Changes two files; both edits wait for consent together.',
  steps: [
    { say: { zh: '需要改两个文件。', en: 'Two files have to change.' } },
    {
      edits: [
        { path: 'src/greet.ts', content: GREET_TS },
        { path: 'src/index.ts', content: INDEX_TS },
      ],
      allowed: [{ say: { zh: '两个文件都已写入。', en: 'Both files are written.' } }],
      rejected: [{ say: { zh: '没有全部写入。', en: 'Not all of it was written.' } }],
    },
  ],
};

const fail: Scenario = {
  name: 'fail',
  description: 'Fails in the middle of an answer; the session takes the next message.',
  steps: [
    { say: { zh: '我开始……', en: 'I begin…' } },
    { fail: { zh: '演示故障:模型没有应答', en: 'A failure for show: the model did not answer' } },
  ],
};

const flood: Scenario = {
  name: 'flood',
  description: 'Sends 10,000 small pieces of text as fast as they are taken.',
  steps: [{ flood: 10000 }],
};

const limit: Scenario = {
  name: 'limit',
  description: 'Runs into the limit of tokens.',
  steps: [{ say: { zh: '这个回答会在半句话里', en: 'This answer ends in the middle of a' } }, { stop: 'max_tokens' }],
};

const plan: Scenario = {
  name: 'plan',
  description: 'Works through a plan of three steps.',
  steps: [
    {
      plan: [
        { content: { zh: '阅读现有代码', en: 'Read the code' }, status: 'in_progress' },
        { content: { zh: '设计接口', en: 'Design the interface' }, status: 'pending' },
        { content: { zh: '编写测试', en: 'Write the tests' }, status: 'pending' },
      ],
    },
    { think: { zh: '先看看已有的代码。', en: 'The code that is there comes first.' } },
    { say: { zh: '我先读了现有代码,结构很清楚。', en: 'I read the code; its structure is clear. ' } },
    {
      plan: [
        { content: { zh: '阅读现有代码', en: 'Read the code' }, status: 'completed' },
        { content: { zh: '设计接口', en: 'Design the interface' }, status: 'in_progress' },
        { content: { zh: '编写测试', en: 'Write the tests' }, status: 'pending' },
      ],
    },
    { say: { zh: '接口只需要一个函数。', en: 'The interface needs one function only. ' } },
    {
      plan: [
        { content: { zh: '阅读现有代码', en: 'Read the code' }, status: 'completed' },
        { content: { zh: '设计接口', en: 'Design the interface' }, status: 'completed' },
        { content: { zh: '编写测试', en: 'Write the tests' }, status: 'in_progress' },
      ],
    },
    {
      say: {
        zh: '测试覆盖了空数组、单个元素和重复元素。',
        en: 'The tests cover an empty array, a single element and duplicates.',
      },
    },
    {
      plan: [
        { content: { zh: '阅读现有代码', en: 'Read the code' }, status: 'completed' },
        { content: { zh: '设计接口', en: 'Design the interface' }, status: 'completed' },
        { content: { zh: '编写测试', en: 'Write the tests' }, status: 'completed' },
      ],
    },
  ],
};

const refuse: Scenario = {
  name: 'refuse',
  description: 'Refuses.',
  steps: [{ say: { zh: '这个我不能做。', en: 'I cannot do that.' } }, { stop: 'refusal' }],
};

const wait: Scenario = {
  name: 'wait',
  description: 'Does not end by itself; interrupt it.',
  steps: [{ say: { zh: '我会一直等,直到被打断。', en: 'I wait until I am interrupted.' } }, { wait_for_cancel: true }],
};

/** The scenarios of Parley, sorted by name. They are code and not YAML, so that a demo agent starts without a parser. */
export const BUILT_IN: readonly Scenario[] = [
  approve,
  ask,
  background,
  command,
  crash,
  edits,
  fail,
  flood,
  limit,
  long,
  plan,
  refuse,
  sort,
  wait,
];
