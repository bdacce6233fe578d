import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const HEAD = `# Attacks

Made of the tests by \`npx vitest run table -u\`; a test of this folder fails where it is not.
`;

it('is what ATTACKS.md lists', async () => {
  const folder = import.meta.dirname;
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.ts') && name !== 'table.test.ts').sort();
  const parts = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(folder, file), 'utf8');
      const found = [...source.matchAll(/^\s*attack\(\s*'([^']+)',\s*'([^']+)',/gm)];
      // A title that is no plain text would be missing here without a word.
      expect(found, file).toHaveLength([...source.matchAll(/^\s*attack\(/gm)].length);
      const rows = found.map(([, title, gain]) => `| ${title} | ${gain} |`);
      return `\n## \`${file}\`\n\n| the attacker | would gain |\n| --- | --- |\n${rows.join('\n')}\n`;
    }),
  );
  await expect(HEAD + parts.join('')).toMatchFileSnapshot('ATTACKS.md');
});
