import { widthOf } from './fit-line.js';
import { printable } from './printable.js';
import type { Screen } from './screen.js';

/** Shows a table, each row on one line. Columns are as wide as their content; only the last one may be cut. */
export function showTable(screen: Screen, header: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = [header, ...rows].map((row) => row.map(oneLine));
  const widths = header.slice(0, -1).map((_, column) => Math.max(...table.map((row) => widthOf(row[column] ?? ''))));
  for (const [index, row] of table.entries()) {
    const cells = row.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))));
    screen.line([{ text: cells.join('  '), style: index === 0 ? 'dim' : undefined }]);
  }
}

function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ');
}
