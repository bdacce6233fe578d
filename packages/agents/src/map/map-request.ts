import type { ApprovalOption } from '@parleyhq/contract';
import type { CreateElicitationRequest, PermissionOption } from '../acp/connection.js';
import type { ElicitationRequest } from '../requests.js';
import { MAX_EVENT_BYTES } from './fit-event.js';
import { readObject, readText } from './read.js';

/** Maps the options that an agent offers. An option is left out if its id does not fit into a submission. */
export function mapOptions(options: readonly PermissionOption[]): ApprovalOption[] {
  return options
    .filter(({ optionId }) => optionId.length > 0 && optionId.length <= 256)
    .slice(0, 64)
    .map(({ optionId, name, kind }) => ({ option_id: optionId, name: readText(name, 1024) ?? '', kind }));
}

/** Maps a question to the user; `undefined` for one of an unknown mode, or one that does not fit into an event. */
export function mapElicitation(
  request: CreateElicitationRequest,
  turnId: string | undefined,
): ElicitationRequest | undefined {
  const facts = readObject(request) ?? {};
  const about = { ...(turnId !== undefined && { turnId }), message: readText(facts.message, 8192) ?? '' };
  if (facts.mode === 'form') {
    const requestedSchema = readObject(facts.requestedSchema) ?? { type: 'object', properties: {} };
    // Without this: keeps a question of any size, and shows it to whoever looks at the session
    if (JSON.stringify(requestedSchema).length > MAX_EVENT_BYTES / 4) return undefined;
    return { ...about, mode: 'form', requestedSchema };
  }
  const url = readText(facts.url);
  if (facts.mode !== 'url' || !url || url.length > 4096) return undefined;
  return { ...about, mode: 'url', url };
}
