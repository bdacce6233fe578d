import { type Event, strictEvent } from '@parleyhq/contract';
import type { Logger } from 'pino';

/** Returns the event if it fits the contract. Otherwise logs it and returns a notice in its place (promise 9). */
export function checkedEvent(event: Event, logger: Logger): Event {
  const checked = strictEvent(event);
  // Without this: lets an event pass that does not fit the contract
  if (checked.ok) return event;
  const { problems } = checked;
  logger.error({ type: event.type, problems }, 'an event does not fit the contract');
  const places = problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  return {
    type: 'notice',
    level: 'error',
    code: 'invalid_event',
    message: `An event of type ${event.type} was left out, since it does not fit the contract: ${places}`.slice(
      0,
      8192,
    ),
  };
}
