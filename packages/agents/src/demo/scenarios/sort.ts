import type { Scenario } from '../scenario.js';

const PLAN_ZH = `好的,我来实现一个排序函数。

我会用归并排序:它是**稳定**的,最坏情况也是 O(n log n),而且不改变传入的数组。比较函数可以自定义,默认按 \`<\` 升序。

下面是我要写入 \`sort.ts\` 的内容,请确认:
`;
const PLAN_EN = `I will implement a sort function.

It is a merge sort: **stable**, O(n log n) in the worst case, and it leaves its input alone. The order can be given; the default is ascending by \`<\`.

This is what I want to write into \`sort.ts\`:
`;
const SORT_TS = `/** Tells the order of two values: negative when \`a\` comes first, positive when \`b\` does, else 0. */
export type Compare<T> = (a: T, b: T) => number;

/** A sorted copy of \`values\`. Stable: what compares equal keeps its order. */
export function sort<T>(values: readonly T[], compare: Compare<T> = ascending): T[] {
  if (values.length < 2) return [...values];
  const middle = values.length >> 1;
  return merge(sort(values.slice(0, middle), compare), sort(values.slice(middle), compare), compare);
}

function merge<T>(left: readonly T[], right: readonly T[], compare: Compare<T>): T[] {
  const merged: T[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    // On a tie the left one goes first: that is what makes the sort stable.
    merged.push(compare(left[l]!, right[r]!) <= 0 ? left[l++]! : right[r++]!);
  }
  return [...merged, ...left.slice(l), ...right.slice(r)];
}

function ascending<T>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
`;
const USAGE_ZH = `已写入 \`sort.ts\`。用法:

\`\`\`ts
import { sort } from './sort.js';

sort([3, 1, 2]); // [1, 2, 3]
sort(users, (a, b) => a.age - b.age);
\`\`\`
`;
const USAGE_EN = `\`sort.ts\` is written. Use it like this:

\`\`\`ts
import { sort } from './sort.js';

sort([3, 1, 2]); // [1, 2, 3]
sort(users, (a, b) => a.age - b.age);
\`\`\`
`;

/** Implements a sort function. Played unless a prompt names another scenario. */
export const sort: Scenario = {
  name: 'sort',
  description: 'Implements a sort function in sort.ts; asks before it writes the file. The default.',
  steps: [
    {
      think: {
        zh: '用户想要一个排序函数。看看项目里有什么,再写一个通用、稳定、不改变原数组的版本。',
        en: 'The user wants a sort function. A general one, stable, that leaves its input as it is.',
      },
    },
    { say: { zh: PLAN_ZH, en: PLAN_EN } },
    {
      edits: [{ path: 'sort.ts', content: SORT_TS }],
      allowed: [{ say: { zh: USAGE_ZH, en: USAGE_EN } }],
      rejected: [
        {
          say: {
            zh: '好的,我没有写入 `sort.ts`,文件保持原样。需要我换一种实现吗?',
            en: 'All right, `sort.ts` was not written and everything is as it was. Shall I try another way?',
          },
        },
      ],
    },
  ],
};
