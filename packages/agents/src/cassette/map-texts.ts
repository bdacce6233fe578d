/**
 * A copy of a JSON value with each text replaced. `name` is that of the property that holds it, also within a list; of
 * a `{name, value}` pair, as ACP writes variables and headers, it is what `name` says.
 */
export function mapTexts(value: unknown, replace: (text: string, name?: string) => string, name?: string): unknown {
  if (typeof value === 'string') return replace(value, name);
  if (Array.isArray(value)) return value.map((entry) => mapTexts(entry, replace, name));
  if (typeof value !== 'object' || value === null) return value;
  const nameOf = (key: string) => (key === 'value' && 'name' in value ? String(value.name) : key);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, mapTexts(member, replace, nameOf(key))]),
  );
}
