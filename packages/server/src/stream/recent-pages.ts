import { charactersOf, type Page } from './page.js';

/** The recent pages of all feeds, oldest first. Their total size in memory is limited, for any number of feeds. */
export interface RecentPages {
  /** Adds a page, and removes the oldest pages that exceed the limit: the `drop` of each is called. */
  keep(page: Page, drop: () => void): void;
  /** To be called when a feed no longer keeps the page. */
  remove(page: Page): void;
}

/** Creates the common memory of feeds. All pages together have at most `mostCharacters`; the newest page is always kept. */
export function createRecentPages(
  mostCharacters = 8_388_608, // about 30,000 pieces of an answer, which take about 30 MiB in memory
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
