import { createClient } from '@parleyhq/client';
import { printDiff } from './print-diff.js';
import { createEventPrinter } from './print-event.js';
import type { Screen } from './screen.js';

/** The server that the application uses, and what it asks for. */
export interface ApplicationOptions {
  readonly baseUrl: string;
  readonly token: string;
  /** The folder of the project that the agent works in. */
  readonly cwd: string;
  readonly prompt: string;
  /** @default the server's own choice */
  readonly agent?: string | undefined;
}

/**
 * The main job: opens a session, asks, prints what comes, shows each patch, and applies it.
 *
 * @returns the paths of the files that changed, relative to `cwd`.
 * @throws TurnError when the turn did not complete.
 */
export async function runApplication(options: ApplicationOptions, screen: Screen): Promise<string[]> {
  const client = createClient({ baseUrl: options.baseUrl, token: options.token });
  await using session = await client.sessions.create({ cwd: options.cwd, agent: options.agent });
  screen.lines('session', `${session.id}, agent ${session.info.agent}, in ${options.cwd}`);

  screen.lines('you', screen.style.bold(options.prompt));
  const turn = await session.submit(options.prompt);
  const printEvent = createEventPrinter(screen);
  const changed: string[] = [];
  for await (const event of turn) {
    if (event.type === 'unknown') continue;
    printEvent(event);
    // An agent that asks before it edits is waiting here. Applying the patch is the consent.
    const applied = await session.review(event, ({ diff }) => {
      printDiff(screen, diff);
      return true;
    });
    if (applied === undefined) continue;
    const { files } = applied;
    screen.lines('applied', files.map(({ path, change }) => `${path} (${change})`).join('\n'));
    changed.push(...files.map(({ path }) => path));
  }
  await turn.text(); // throws unless the turn completed
  return changed;
}
