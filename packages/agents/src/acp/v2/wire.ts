import { type Raw, readText } from '../../map/read.js';

/** An update of version 1, or what becomes one. */
export type Update = Raw;

/** What an agent tells of its own accord. */
export function notice(severity: 'info' | 'warning', title: string, description?: string): Update {
  return { sessionUpdate: 'notice', severity, title, ...(description !== undefined && { description }) };
}

/** What is kept of an id: an agent may make it as long as a line. */
export function idOf(id: unknown): string {
  return readText(id, 256) ?? '';
}

/** The newest so many entries of a map are kept. */
export function forgetOldest(map: Map<unknown, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

/** The members of an object that are there; those that are `null` too. */
export function present(object: Raw): Raw {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
