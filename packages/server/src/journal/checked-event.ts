import { type Event, strictEvent } from '@parleyhq/contract';
import type { Logger } from 'pino';

/**
 * Returns the event if it fits the contract. Otherwise logs it and returns a notice in its place (promise 9). In place of the
 * end of a turn comes one that says less: every turn has an end (promise 6).
 */
export function checkedEvent(event: Event, logger: Logger): Event {
  const checked = strictEvent(event);
  // Without this: lets an event pass that does not fit the contract
  if (checked.ok) return event;
  const { problems } = checked;
  logger.error({ type: event.type, problems }, 'an event does not fit the contract');
  const places = problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  const what = `An event of type ${event.type} was left out, since it does not fit the contract: ${places}`;
  const message = what.slice(0, 8192);
  if (event.type === 'turn_completed') {
    // Without this: leaves a turn without an end whose end does not fit
    const { turn_id, submission_id } = event;
    const code = 'agent_error';
    return { type: event.type, turn_id, submission_id, status: 'failed', cause: code, error: { code, message } };
  }
  return { type: 'notice', level: 'error', code: 'invalid_event', message };
}
