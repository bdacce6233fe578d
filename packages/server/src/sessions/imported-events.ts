import type { Agent } from '@parleyhq/agents';
import type { Event } from '@parleyhq/contract';

const CUT = "The agent's session is longer than what is kept of it: its oldest turns are left out.";

/**
 * What an agent told of the session of its own that it has taken up, as turns that are over. `title`: the one that was asked for.
 * Nothing for a new conversation.
 */
export function importedEvents({ history }: Pick<Agent, 'history'>, title: string | null): Event[] {
  if (history === undefined) return [];
  const turns = history.turns.flatMap(({ turnId, events }): Event[] => {
    const of = { turn_id: turnId, submission_id: turnId, origin: 'imported' } as const;
    return [
      { type: 'turn_started', ...of },
      ...events,
      { type: 'turn_completed', ...of, status: 'completed', cause: 'imported' },
    ];
  });
  return [
    ...(title === null && history.title !== undefined
      ? [{ type: 'session_updated' as const, title: history.title }]
      : []),
    ...(history.isCut ? [{ type: 'notice' as const, level: 'info' as const, code: 'history_cut', message: CUT }] : []),
    ...turns,
  ];
}
