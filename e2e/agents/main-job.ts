import type { Client, SessionEvent } from '@parleyhq/client';

/** The result of the application, the same for every agent. */
export interface MainJob {
  readonly events: readonly SessionEvent[];
  /** What the user was shown before consenting. */
  readonly diff: string;
  /** The files that were written upon the user's consent. */
  readonly changed: readonly string[];
  readonly answer: string;
}

/**
 * The application: asks the agent for a change, passes its patch to `consent`, applies it, and reads the answer. It
 * knows only the agent's name, and no line depends on which agent it is.
 */
export async function runMainJob(
  client: Client,
  { agent, cwd, consent }: { agent: string; cwd: string; consent?: (diff: string) => Promise<void> },
): Promise<MainJob> {
  await using session = await client.sessions.create({ agent, cwd });
  const turn = await session.submit('Please implement a sort function.');
  const events: SessionEvent[] = [];
  const diffs: string[] = [];
  const changed: string[] = [];
  for await (const event of turn) {
    events.push(event);
    if (event.type !== 'patch_updated' || !event.patch) continue;
    const { diff } = await session.patch();
    diffs.push(diff);
    await consent?.(diff);
    const { files } = await session.applyPatch();
    changed.push(...files.map(({ path }) => path));
  }
  return { events, diff: diffs.join(''), changed, answer: await turn.text() };
}
