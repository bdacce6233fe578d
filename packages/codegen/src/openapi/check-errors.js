/**
 * @file Whether the error codes that the operations name are those of the table, with the status that the table says.
 */
import { readOperations } from './operations.js';

/**
 * @param {any} document
 * @returns {string[]} A sentence for each code that does not fit the table.
 */
export function checkErrorCodes(document) {
  const table = document['x-errors'] ?? {};
  const closeCodes = document['x-close-codes'] ?? {};
  const problems = [];
  for (const { id, answers } of readOperations(document)) {
    for (const { status, contents } of answers) {
      for (const code of contents.flatMap(({ schema }) => codesOf(schema))) {
        if (table[code] === undefined) problems.push(`${id} answers ${status} ${code}, which is not in x-errors.`);
        else if (`${table[code].status}` !== status) {
          problems.push(`${id} answers ${status} ${code}, whose status in x-errors is ${table[code].status}.`);
        }
      }
    }
  }
  const listed = document.components?.schemas?.ErrorCode?.enum;
  for (const code of listed ?? []) {
    if (table[code] === undefined) problems.push(`ErrorCode has ${code}, which is not in x-errors.`);
  }
  for (const [code, entry] of Object.entries(table)) {
    if (listed !== undefined && !listed.includes(code))
      problems.push(`x-errors has ${code}, which is not in ErrorCode.`);
    if (entry.close_code !== undefined && closeCodes[entry.close_code] === undefined) {
      problems.push(`x-errors closes with ${entry.close_code} for ${code}, which is not in x-close-codes.`);
    }
  }
  return problems;
}

/** An answer narrows the property `code` to the codes that it can have. */
function codesOf(schema) {
  const { enum: values, const: value } = schema.properties?.code ?? {};
  const own = values ?? (value === undefined ? [] : [value]);
  return [...own, ...(schema.allOf ?? []).flatMap(codesOf)].filter((code) => typeof code === 'string');
}
