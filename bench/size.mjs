import { measureClientSizes } from '../scripts/client-size.mjs';
import { printTable } from './figures.mjs';

/**
 * The size of the client in a web page.
 *
 * @returns {Promise<string>} Markdown.
 */
export async function measureSize() {
  const show = (/** @type {number} */ bytes) => (bytes / 1024).toFixed(1);
  const rows = (await measureClientSizes()).map(({ name, bytes, budget }) => [name, show(bytes), `≤ ${show(budget)}`]);
  return ['### KiB of the client in a page\n', printTable(['', 'Parley', 'budget'], rows)].join('\n');
}
