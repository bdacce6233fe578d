/** One of the values that a field can have. */
export interface Choice {
  readonly value: unknown;
  readonly title: string;
}

/** A field of a form. */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly type: 'text' | 'number' | 'integer';
  /** The only allowed values, if there are such. */
  readonly choices: readonly Choice[] | undefined;
  /** Whether the answer is a list of values. */
  readonly several: boolean;
  readonly required: boolean;
  /** The value of an empty answer; undefined if there is no default. */
  readonly fallback: unknown;
  /** What the user may type, as a phrase. */
  readonly hint: string;
}

const NAMES = { text: 'text', number: 'a number', integer: 'a whole number' } as const;

/** The fields of an agent's form, from its flat JSON Schema. */
export function fieldsOf(schema: Readonly<Record<string, unknown>>): Field[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(objectOf(schema.properties)).map(([name, property]) => {
    const facts = objectOf(property);
    const several = facts.type === 'array';
    const choices = choicesOf(several ? objectOf(facts.items) : facts);
    const type = facts.type === 'number' || facts.type === 'integer' ? facts.type : 'text';
    const isRequired = required.includes(name);
    const fallback = facts.default;
    const what = several ? 'numbers, with commas' : choices ? 'a number' : NAMES[type];
    const without = fallback === undefined ? (isRequired ? '' : ', or nothing') : `; else ${JSON.stringify(fallback)}`;
    return {
      name,
      title: textOf(facts.title) ?? name,
      description: textOf(facts.description),
      ...{ type, choices, several, required: isRequired, fallback, hint: what + without },
    };
  });
}

/** Reads a line as the value of a field; an empty line gives the default, or undefined. */
export function readField(field: Field, line: string): { value: unknown } | { problem: string } {
  const { choices, several, type } = field;
  if (line === '') {
    if (field.fallback !== undefined) return { value: field.fallback };
    return field.required ? { problem: 'An answer is needed.' } : { value: undefined };
  }
  if (choices !== undefined) {
    const chosen = line.split(',').map((part) => choices[Number(part.trim()) - 1]);
    if (chosen.includes(undefined) || (!several && chosen.length > 1)) {
      return { problem: `Expected ${field.hint}, from 1 to ${choices.length}.` };
    }
    const values = chosen.map((choice) => choice?.value);
    return { value: several ? values : values[0] };
  }
  if (type === 'text') return { value: several ? line.split(',').map((part) => part.trim()) : line };
  const number = Number(line);
  if (!Number.isFinite(number) || (type === 'integer' && !Number.isInteger(number))) {
    return { problem: type === 'integer' ? 'Expected a whole number.' : 'Expected a number.' };
  }
  return { value: number };
}

function choicesOf(facts: Readonly<Record<string, unknown>>): Choice[] | undefined {
  if (facts.type === 'boolean') {
    return [
      { value: true, title: 'yes' },
      { value: false, title: 'no' },
    ];
  }
  const titled = [facts.oneOf, facts.anyOf].find(Array.isArray);
  if (titled !== undefined) {
    return titled.map((option) => {
      const { const: value, title } = objectOf(option);
      return { value, title: textOf(title) ?? String(value) };
    });
  }
  if (!Array.isArray(facts.enum)) return undefined;
  const names = Array.isArray(facts.enumNames) ? facts.enumNames : [];
  return facts.enum.map((value, index) => ({ value, title: textOf(names[index]) ?? String(value) }));
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
