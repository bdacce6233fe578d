import { visibleLine } from '@parleyhq/conformance/visible';
import { widthOf } from './fit-line.js';
import type { Screen } from './screen.js';

/** Shows a table, each row on one line. Columns are as wide as their content; only the last one may be cut. */
export function showTable(screen: Screen, header: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = [header, ...rows];
  const columns = header.slice(0, -1).map((_, column) => table.map((row) => shownWidthOf(row[column] ?? '')));
  const widths = columns.map((column) => Math.max(...column));
  for (const [index, row] of table.entries()) {
    const cells = row.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - shownWidthOf(cell))));
    screen.line([{ text: cells.join('  '), style: index === 0 ? 'dim' : undefined }]);
  }
}

function shownWidthOf(cell: string): number {
  return widthOf(visibleLine(cell));
}
