/**
 * A copy of a JSON value with each string replaced. `replace` gets the name of the property that holds the string, or the
 * list with the string. In a `{name, value}` pair, as ACP writes variables and headers, it gets the value of `name`.
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
