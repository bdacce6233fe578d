import type { Scenario } from '../scenario.js';

const ANSWER_ZH = `## 排序算法简述

**插入排序**把每个元素放到前面已排好的部分里。它简单、稳定,对几乎有序的数据非常快,但最坏情况是 O(n²)。

**归并排序**把数组一分为二,分别排好,再合并。它稳定,任何情况下都是 O(n log n),代价是需要额外的空间。

**快速排序**选一个基准,把小的放左边,大的放右边。平均 O(n log n),原地进行,但最坏情况是 O(n²),并且不稳定。

**堆排序**用堆反复取出最大值。O(n log n),原地,但不稳定,缓存表现也较差。

**Timsort** 结合了归并排序和插入排序:先找出已经有序的片段,再把它们合并。JavaScript 的 \`Array.prototype.sort\` 在多数引擎里就是它,并且规范要求稳定。

**计数排序**和**基数排序**不比较元素,适合整数或定长的键,可以做到线性时间。

怎么选?数据小,用插入排序;需要稳定,用归并排序或 Timsort;内存紧张,用堆排序;键是小整数,用计数排序。其余情况,用语言自带的排序,它几乎总是对的。
`;
const ANSWER_EN = `## Sorting, briefly

**Insertion sort** puts each element into the sorted part before it. It is simple and stable and very fast on data that is nearly sorted, but O(n²) in the worst case.

**Merge sort** halves the array, sorts both halves and merges them. It is stable and O(n log n) always, and pays with extra space.

**Quicksort** picks a pivot and moves what is smaller to its left and what is greater to its right. O(n log n) on average and in place, but O(n²) in the worst case, and not stable.

**Heapsort** takes the greatest element from a heap again and again. O(n log n) and in place, but neither stable nor kind to caches.

**Timsort** joins merge sort and insertion sort: it finds the runs that are sorted already and merges them. \`Array.prototype.sort\` is one in most JavaScript engines, and the standard asks it to be stable.

**Counting sort** and **radix sort** compare nothing. They suit integers and keys of a fixed length, and take linear time.

Which one? Insertion sort for little data; merge sort or Timsort where stability counts; heapsort where memory is short; counting sort for small integers. In every other case, the sort of the language: it is nearly always right.
`;

/** A long answer, in many pieces. */
export const long: Scenario = {
  name: 'long',
  description: 'A long answer, streamed.',
  steps: [
    { think: { zh: '这个问题值得讲清楚,从头说起。', en: 'This deserves a thorough answer, from the beginning.' } },
    { say: { zh: ANSWER_ZH, en: ANSWER_EN } },
  ],
};
