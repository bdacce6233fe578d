import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** A code block of a page, between two lines of three backquotes. */
export interface Block {
  /** The path of the page, relative to the repository. */
  readonly page: string;
  /** The number of its first line. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The pages for users: README.md, CONTRIBUTING.md, all pages of docs/, and the README of each package. */
export const pages: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', ...listFolder('docs')],
  ...readdirSync(join(repository, 'packages')).map((name) => `packages/${name}/README.md`),
].filter((page) => existsSync(join(repository, page)));

/** All code blocks of all pages, in order. */
export const blocks: readonly Block[] = pages.flatMap((page) => {
  const text = readPage(page);
  return [...text.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: block = '' }) => ({
    ...{ page, line: text.slice(0, index).split('\n').length + 1, language, text: block },
  }));
});

/** The text of a page. */
export function readPage(page: string): string {
  return readFileSync(join(repository, page), 'utf8');
}

/** The TypeScript blocks as programs: a block with an import begins a program, later blocks of the page continue it. */
export function listPrograms(): Block[] {
  const programs: Block[] = [];
  for (const block of blocks.filter(({ language }) => language === 'ts')) {
    const before = programs.at(-1);
    if (before?.page !== block.page || /^import /m.test(block.text)) programs.push(block);
    else programs.splice(-1, 1, { ...before, text: `${before.text}\n${block.text}` });
  }
  return programs;
}

function listFolder(folder: string): string[] {
  if (!existsSync(join(repository, folder))) return [];
  const found = readdirSync(join(repository, folder), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)))
    .filter((page) => !page.includes('node_modules'))
    .sort();
}
