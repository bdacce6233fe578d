import type { Elicitation } from '@parleyhq/client';
import { visibleLine } from '@parleyhq/conformance/visible';
import type { FormAnswer } from './answers.js';
import { type Field, fieldsOf, readField } from './form-fields.js';
import { type Choose, ESCAPE, type Person } from './person.js';

/** Asks for the fields of a form one after another, or shows the URL of the page with the form. Escape declines. */
export async function askForm(
  person: Person,
  elicitation: Elicitation,
  choose: Choose,
  signal: AbortSignal,
): Promise<FormAnswer> {
  const { screen } = person;
  screen.block(elicitation.elicitation_id);
  screen.wrappedLine([{ text: elicitation.message, style: 'bold' }]);
  if (elicitation.mode !== 'form') {
    if (elicitation.url !== undefined) screen.longLine(`Answer at: ${elicitation.url}`);
    const keys = new Map([
      ['y', 'done'],
      ['n', 'decline'],
    ]);
    return (await choose('Done?', keys, signal)) === 'y' ? {} : 'decline';
  }
  const answers: Record<string, unknown> = {};
  for (const field of fieldsOf(elicitation.requested_schema ?? {})) {
    const answer = await askField(person, field, choose, signal);
    if (answer === undefined) return 'decline';
    if (answer.value !== undefined) answers[field.name] = answer.value;
  }
  return answers;
}

/** The answer to one field; its value is undefined if the user leaves the field out. Undefined if the user declines. */
async function askField(
  { screen, keyboard }: Person,
  field: Field,
  choose: Choose,
  signal: AbortSignal,
): Promise<{ readonly value: unknown } | undefined> {
  if (field.description !== undefined) screen.wrappedLine([{ text: field.description, style: 'dim' }]);
  const { choices, several } = field;
  if (choices !== undefined && !several && choices.length <= 9) {
    const keys = new Map(choices.map(({ title }, index) => [String(index + 1), title]));
    if (!field.required) keys.set('-', 'no answer');
    const key = await choose(`${field.title}?`, keys.set(ESCAPE, 'decline'), signal);
    if (key === ESCAPE) return undefined;
    return { value: choices[Number(key) - 1]?.value };
  }
  for (const [index, { title }] of (choices ?? []).entries()) screen.wrappedLine(`  ${index + 1} ${title}`);
  for (;;) {
    screen.endLine();
    const line = await keyboard.line(visibleLine(`${field.title} (${field.hint}; Esc declines): `), signal);
    if (line === undefined) return undefined;
    const read = readField(field, line.trim());
    if (!('problem' in read)) return read;
    screen.line([{ text: read.problem, style: 'yellow' }]);
  }
}
