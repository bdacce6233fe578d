import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentHandler, PermissionRequest } from '@parleyhq/agents';
import type { ToolKind } from '@parleyhq/contract';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/start-server.js';
import { createAgentView } from './agent-view.js';

/** What becomes of a request for these paths; `COPY` stands for the copy, `USER` for the user's directory. */
async function ask(paths: readonly string[], kind: ToolKind = 'edit', editsOmitted = 0) {
  const folder = await temporaryFolder();
  const [copy, cwd] = [join(folder, 'copy'), join(folder, 'project')];
  for (const made of [copy, cwd]) mkdirSync(made);
  symlinkSync(cwd, join(copy, 'link'));
  const real = paths.map((path) => path.replace('COPY', copy).replace('USER', cwd));
  const view = createAgentView(copy, cwd);
  let seen: PermissionRequest | undefined;
  const handler: AgentHandler = {
    events: async () => undefined,
    async requestPermission(request) {
      seen = request;
      return { outcome: 'cancelled' };
    },
    startTurn: async () => undefined,
    requestElicitation: async () => ({ action: 'cancel' }),
  };
  const request: PermissionRequest = {
    turnId: 't',
    toolCall: {
      type: 'tool_call',
      item_id: 'i',
      tool_call_id: 'c',
      title: `Edit ${real[0]}`,
      kind,
      status: 'pending',
      locations: real.map((path) => ({ path })),
      content: [],
    },
    options: [],
    edits: [],
    editsOmitted,
  };
  await view.listen(handler).requestPermission(request, new AbortController().signal);
  if (seen === undefined) throw new Error('nobody was asked');
  return { harmless: view.isHarmless(seen), shown: JSON.stringify(seen), copy };
}

it.each([['COPY/a.txt'], ['a.txt'], ['COPY/new/folder/a.txt'], ['COPY/.gitignore']])(
  'an edit of %s harms nobody, and is shown where the user knows it',
  async (path) => {
    const { harmless, shown, copy } = await ask([path]);
    expect(harmless).toBe(true);
    expect(shown).not.toContain(copy);
  },
);

it.each([
  ['USER/a.txt'],
  ['COPY/../a.txt'],
  ['../project/a.txt'],
  ['link/a.txt'],
  ['COPY/.git/config'],
  ['COPY/sub/.GIT/hooks/x'],
  ['/etc/passwd'],
])('an edit of %s is the user’s to allow', async (path) => {
  expect((await ask(['COPY/a.txt', path])).harmless).toBe(false);
});

it('so is a command, and an edit of who knows what', async () => {
  expect((await ask(['COPY/a.txt'], 'execute')).harmless).toBe(false);
  expect((await ask([])).harmless).toBe(false);
  expect((await ask(['COPY/a.txt'], 'delete')).harmless).toBe(true);
});

it('and an edit of more files than are kept', async () => {
  expect((await ask(['COPY/a.txt'], 'edit', 1)).harmless).toBe(false);
});
