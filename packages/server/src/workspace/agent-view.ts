import { resolve } from 'node:path';
import type { AgentHandler, PermissionRequest } from '@parleyhq/agents';
import { isGitName } from './git/repository.js';
import { followLinks } from './planned-file.js';
import { isInside } from './roots.js';

/** Translates the paths of an agent's copy: the session and its user see only `cwd`. */
export interface AgentView {
  /** Wraps a handler: in everything it gets, the path of the copy is replaced by `cwd`. */
  listen(handler: AgentHandler): AgentHandler;
  /** Whether a request that the handler got only edits files of the copy. */
  isHarmless(request: PermissionRequest): boolean;
}

const EDITS: readonly string[] = ['edit', 'delete', 'move'];

/** Creates the view of an agent that works in `folder`, a copy of `cwd`. */
export function createAgentView(folder: string, cwd: string): AgentView {
  // Both paths in their JSON form. A path that is split between two pieces of text is not replaced.
  const [from, to] = [folder, cwd].map((path) => JSON.stringify(path).slice(1, -1)) as [string, string];
  const harmless = new WeakSet<PermissionRequest>();

  function shown<T>(said: T): T {
    const text = JSON.stringify(said);
    return text.includes(from) ? JSON.parse(text.replaceAll(from, to)) : said;
  }

  /** Needs the original request: after the replacement, a file in `cwd` and its copy have the same path. */
  async function editsCopy({ toolCall, edits, editsOmitted }: PermissionRequest): Promise<boolean> {
    // Without this: lets an agent write where it likes, if it asks for more edits than are kept
    if (!EDITS.includes(toolCall.kind) || editsOmitted > 0) return false;
    const paths = [...edits, ...toolCall.locations].map(({ path }) => path);
    const real = await Promise.all(paths.map((path) => followLinks(resolve(folder, path))));
    // A `.git` is not harmless: the agent's own git may run programs that are written there.
    const isOwn = (path: string) => isInside(folder, path) && !path.slice(folder.length).split('/').some(isGitName);
    // Without this: lets an agent write into the directory itself, as if it were the copy
    return real.length > 0 && real.every(isOwn);
  }

  return {
    isHarmless: (request) => harmless.has(request),
    listen: (handler) => ({
      events: (events) => handler.events(events.map(shown)),
      startTurn: async (after) => handler.startTurn?.(after),
      async requestPermission(request, signal) {
        // Nobody needs their texts further on: the patch of a copy is its difference to `cwd`.
        const edits = request.edits.map(({ path }) => ({ path, oldText: null, newText: null }));
        const said = shown({ ...request, edits });
        if (await editsCopy(request)) harmless.add(said);
        return handler.requestPermission(said, signal);
      },
      requestElicitation: (request, signal) => handler.requestElicitation(shown(request), signal),
    }),
  };
}
