import { readFile } from 'node:fs/promises';

/** By how many MiB the peak memory of a process grows during an attack. */
export async function growthOf(pid: number, attack: () => Promise<void>): Promise<number> {
  const before = await peakOf(pid);
  await attack();
  return (await peakOf(pid)) - before;
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}
