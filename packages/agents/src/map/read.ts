/** What an agent sent, with no promise about its shape. */
export type Raw = Readonly<Record<string, unknown>>;

/** An object, or `undefined` for anything else. */
export function readObject(value: unknown): Raw | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined;
}

/** The objects in a list, at most `max`; an empty list for anything else. */
export function readObjects(value: unknown, max: number): Raw[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, max).flatMap((entry: unknown): Raw[] => {
    const object = readObject(entry);
    return object ? [object] : [];
  });
}

/** The entries of a list, from the first, that have at most `most` characters as JSON together. */
export function readWithin<Entry extends object>(entries: readonly Entry[], most: number): Entry[] {
  let room = most;
  const end = entries.findIndex((entry) => {
    room -= JSON.stringify(entry).length + 1;
    return room < 0;
  });
  return entries.slice(0, end < 0 ? entries.length : end);
}

/** A string, cut to at most `max` characters, or `undefined` for anything else. */
export function readText(value: unknown, max = Number.POSITIVE_INFINITY): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value.length <= max) return value;
  // A copy: a slice would keep the whole text in memory.
  return Buffer.from(value.slice(0, max).replace(/[\uD800-\uDBFF]$/, '')).toString();
}

/** Whether a value has more levels of lists and objects. Functions that walk a value overflow the stack at some thousands. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}

/** A count (an integer of 0 or more), or `undefined` for anything else. */
export function readCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** One of `values`, or `undefined` for anything else. */
export function readOneOf<Value extends string>(value: unknown, values: readonly Value[]): Value | undefined {
  return values.find((known) => known === value);
}

/** The object without the members that are `undefined`. */
export function compact<Shape extends object>(object: Shape): { [Key in keyof Shape]: Exclude<Shape[Key], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Shape]: Exclude<Shape[Key], undefined> };
}
