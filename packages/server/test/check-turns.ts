import type { Event } from '@parleyhq/contract';

/**
 * Checks the turns in the log of a session (promises 4 and 6): each accepted turn has one end and at most one beginning; one
 * runs at a time, also of those that the agent began; they begin in order; a turn that an interrupt has named does not begin;
 * everything that was asked in a turn is resolved once, before its end; and an item begins in the turn that runs, and has
 * ended when a turn is completed.
 *
 * @returns What is wrong, in sentences.
 */
export function problemsOf(events: readonly Event[]): string[] {
  const problems: string[] = [];
  const waiting: string[] = [];
  const ended = new Set<string>();
  const open = new Set<string>();
  const items = new Set<string>();
  const interrupted = new Set<string>();
  let running: string | undefined;
  let closed = false;
  for (const event of events) {
    if (closed) problems.push(`${event.type} after session_closed`);
    switch (event.type) {
      case 'submission_accepted':
        if (event.turn_id !== undefined) waiting.push(event.turn_id);
        if (event.submission.type === 'interrupt') interrupted.add(event.submission.turn_id ?? '');
        break;
      case 'turn_started':
        if (running !== undefined) problems.push(`${event.turn_id} began while ${running} ran`);
        if (event.origin === undefined && waiting.shift() !== event.turn_id)
          problems.push(`${event.turn_id} began before its time, or again`);
        if (interrupted.has(event.turn_id)) problems.push(`${event.turn_id} began after an interrupt had ended it`);
        running = event.turn_id;
        break;
      case 'item_started':
        if (event.turn_id !== running) problems.push(`an item of ${event.turn_id} began while ${running} ran`);
        items.add(event.item.item_id);
        break;
      case 'item_completed':
        if (!items.delete(event.item.item_id)) problems.push(`${event.item.item_id} ended and was not open`);
        break;
      case 'turn_completed': {
        const place = waiting.indexOf(event.turn_id);
        if (ended.has(event.turn_id)) problems.push(`${event.turn_id} ended again`);
        else if (running === event.turn_id) {
          running = undefined;
          // While the log cannot be written, the ends of items may be lost; such a turn is not completed.
          const left = event.status === 'completed' ? [...open, ...items] : open;
          for (const id of left) problems.push(`${event.turn_id} ended and left ${id} open`);
          items.clear();
        } else if (place >= 0) waiting.splice(place, 1);
        else problems.push(`${event.turn_id} ended and was not there`);
        ended.add(event.turn_id);
        break;
      }
      case 'approval_requested':
        open.add(event.approval.approval_id);
        break;
      case 'elicitation_requested':
        open.add(event.elicitation.elicitation_id);
        break;
      case 'approval_resolved':
        if (!open.delete(event.approval_id)) problems.push(`${event.approval_id} was resolved and not open`);
        break;
      case 'elicitation_resolved':
        if (!open.delete(event.elicitation_id)) problems.push(`${event.elicitation_id} was resolved and not open`);
        break;
      case 'session_closed':
        closed = true;
    }
  }
  for (const id of [...waiting, running].filter((turn) => turn !== undefined)) problems.push(`${id} has no end`);
  return problems;
}
