import { readdir, readFile } from 'node:fs/promises';
import type { ParleyProcess } from './parley-process.js';

const MEBIBYTE = 1_048_576;

/** The state of the server at one moment. */
export interface Sample {
  readonly at: number;
  /** Resident memory, in MiB. */
  readonly resident: number;
  readonly files: number;
  /** Milliseconds that `GET /api/health` took. */
  readonly health: number;
  /** Events that the readers had got so far. */
  readonly delivered: number;
}

/** Samples the process of a server. */
export interface Sampling {
  look(): Promise<Sample>;
  /** Takes a sample every second until it is stopped. Resolves with all of them. */
  run(stopped: () => boolean): Promise<Sample[]>;
}

/** Samples a server from outside: the memory of its process, and how fast it answers. */
export function createSampling({ pid, url }: ParleyProcess, delivered: () => number): Sampling {
  const look = async (): Promise<Sample> => {
    const at = performance.now();
    const response = await fetch(`${url}/api/health`);
    if (!response.ok) throw new Error(`GET /api/health: ${response.status}`);
    await response.arrayBuffer();
    const health = performance.now() - at;
    const [resident, files] = await Promise.all([residentMemory(pid), readdir(`/proc/${pid}/fd`)]);
    return { at, resident, files: files.length, health, delivered: delivered() };
  };
  return {
    look,
    async run(stopped) {
      const samples: Sample[] = [];
      while (!stopped()) {
        samples.push(await look());
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      return samples;
    },
  };
}

async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / MEBIBYTE;
}

/** A quantile; 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** A table of about twelve lines. Each has the medians of a period of time, and its slowest answer. */
export function tableOf(samples: readonly Sample[]): string {
  const stretch = Math.max(1, Math.ceil(samples.length / 12));
  const start = samples[0]?.at ?? 0;
  const lines = ['   from s   RSS MiB   files   health p50 ms   health max ms   deliveries/s'];
  for (let index = 0; index < samples.length; index += stretch) {
    const part = samples.slice(index, index + stretch);
    const [first, last] = [part[0], samples[index + stretch] ?? part.at(-1)];
    if (first === undefined || last === undefined) continue;
    const seconds = (last.at - first.at) / 1_000;
    const rate = seconds > 0 ? (last.delivered - first.delivered) / seconds : 0;
    const health = part.map((sample) => sample.health);
    const columns: [number, number][] = [
      [(first.at - start) / 1_000, 9],
      [
        quantile(
          part.map(({ resident }) => resident),
          0.5,
        ),
        10,
      ],
      [
        quantile(
          part.map(({ files }) => files),
          0.5,
        ),
        8,
      ],
      [quantile(health, 0.5), 16],
      [Math.max(...health), 16],
      [rate, 15],
    ];
    lines.push(columns.map(([value, width]) => value.toFixed(0).padStart(width)).join(''));
  }
  return lines.join('\n');
}
