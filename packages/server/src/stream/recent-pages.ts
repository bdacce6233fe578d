import { charactersOf, type Page } from './page.js';

/** The last pages of all feeds, oldest first: however many feeds there are, they keep no more than this in memory. */
export interface RecentPages {
  /** Keeps a page, and lets the oldest ones of all go that there is no more room for: `drop` of each is called. */
  keep(page: Page, drop: () => void): void;
  /** Its feed keeps the page no longer. */
  remove(page: Page): void;
}

/** Creates what feeds share. `mostCharacters`: how many characters of frames all their pages have; one page is always kept. */
export function createRecentPages(
  mostCharacters = 8_388_608, // some 30,000 pieces of an answer, which take about 30 MiB with all that belongs to them
): RecentPages {
  const drops = new Map<Page, () => void>();
  let characters = 0;

  const remove = (page: Page) => {
    if (drops.delete(page)) characters -= charactersOf(page);
  };

  return {
    keep(page, drop) {
      drops.set(page, drop);
      characters += charactersOf(page);
      for (const [oldest, dropOldest] of drops) {
        // Without this: keeps as much for each session, however many there are
        if (characters <= mostCharacters || oldest === page) break;
        remove(oldest);
        dropOldest();
      }
    },
    remove,
  };
}
