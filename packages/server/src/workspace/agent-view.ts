import { resolve } from 'node:path';
import type { AgentHandler, PermissionRequest } from '@parleyhq/agents';
import { isGitName } from './git/repository.js';
import { followLinks } from './planned-file.js';
import { isInside } from './roots.js';

/** What an agent says of its copy, in the words of somebody who knows `cwd` alone. */
export interface AgentView {
  /** The same handler, told `cwd` wherever the agent said where its copy is. */
  listen(handler: AgentHandler): AgentHandler;
  /** Whether a request that the handler was given is one to edit files of the copy, and nothing else. */
  isHarmless(request: PermissionRequest): boolean;
}

const EDITS: readonly string[] = ['edit', 'delete', 'move'];

/** The view of an agent that works in `folder`, a copy of `cwd`. */
export function createAgentView(folder: string, cwd: string): AgentView {
  // As they stand in JSON. Text that comes in pieces may break a path in two; such a path stays as it is.
  const [from, to] = [folder, cwd].map((path) => JSON.stringify(path).slice(1, -1)) as [string, string];
  const harmless = new WeakSet<PermissionRequest>();

  function shown<T>(said: T): T {
    const text = JSON.stringify(said);
    return text.includes(from) ? JSON.parse(text.replaceAll(from, to)) : said;
  }

  /** Judged by the agent's own words: in the words of `cwd`, a file there and its copy are the same. */
  async function editsCopy({ toolCall, edits }: PermissionRequest): Promise<boolean> {
    if (!EDITS.includes(toolCall.kind)) return false;
    const paths = [...edits, ...toolCall.locations].map(({ path }) => path);
    const real = await Promise.all(paths.map((path) => followLinks(resolve(folder, path))));
    // The agent's own git may run what is written there.
    const isOwn = (path: string) => isInside(folder, path) && !path.slice(folder.length).split('/').some(isGitName);
    // Without this: lets an agent write into the directory itself, as if it were the copy
    return real.length > 0 && real.every(isOwn);
  }

  return {
    isHarmless: (request) => harmless.has(request),
    listen: (handler) => ({
      events: (events) => handler.events(events.map(shown)),
      async requestPermission(request, signal) {
        const said = shown(request);
        if (await editsCopy(request)) harmless.add(said);
        return handler.requestPermission(said, signal);
      },
      requestElicitation: (request, signal) => handler.requestElicitation(shown(request), signal),
    }),
  };
}
