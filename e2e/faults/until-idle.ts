import type { Session } from '@parleyhq/client';

/** Waits until every turn has ended. */
export async function untilIdle(session: Session): Promise<void> {
  for await (const event of session.events({ after: 0 })) {
    if (event.type !== 'turn_completed') continue;
    const { status, queued_turns } = await session.refresh();
    if (status === 'idle' && queued_turns.length === 0) return;
  }
}
