import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { ends, opening, prompt, replayed, temporaryFolder, update, writeCassette } from '../../test/cassettes.js';
import { message, notices, open, recorder } from '../../test/open-fixture.js';

const diff = (path: string, oldText: string | null, newText: string, kind = 'update') => ({
  ...{ type: 'diff', path: `{{parley.cwd}}/${path}`, oldText, newText, _meta: { kind } },
});
const edit = async (cwd: string, ...diffs: object[]) => {
  const call = { sessionUpdate: 'tool_call', toolCallId: 'c', title: 'Edit', kind: 'edit', content: diffs };
  const completed = update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'completed' });
  const file = await writeCassette([...opening(), prompt(2, 'Go'), update(call), completed, ends(2)]);
  const { events, handler } = recorder();
  await using agent = await open(replayed(file), { handler, cwd });
  await agent.prompt(message('Go'));
  return notices(events);
};

test('files are written as the completed edits say: whole, in part, and away', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'part'), 'a\nb\nc\n');
  await writeFile(join(cwd, 'away'), 'x');
  const diffs = [diff('new/whole', null, 'w'), diff('part', 'b\n', 'B\n'), diff('away', 'x', '', 'delete')];
  expect(await edit(cwd, ...diffs)).toEqual([]);
  expect(await readFile(join(cwd, 'new/whole'), 'utf8')).toBe('w');
  expect(await readFile(join(cwd, 'part'), 'utf8')).toBe('a\nB\nc\n');
  await expect(readFile(join(cwd, 'away'))).rejects.toThrow('ENOENT');
});

test('files that are not what they were when it was recorded stay as they are, and it is told', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'twice'), 'b b');
  const told = await edit(cwd, diff('twice', 'b', 'B'), diff('gone', 'b', 'B'));
  const why = 'it does not contain the old text of the recorded edit exactly once.';
  expect(told).toEqual(['twice', 'gone'].map((name) => `Replay: ${cwd}/${name} was not written: ${why}`));
  expect(await readFile(join(cwd, 'twice'), 'utf8')).toBe('b b');
});

test('files outside of the folder are not written, wherever links lead', async () => {
  const parent = await temporaryFolder();
  const cwd = join(parent, 'project');
  await mkdir(cwd);
  await symlink(parent, join(cwd, 'up'));
  await symlink(join(parent, 'nothing'), join(cwd, 'dangling'));
  const paths = ['../beside', 'up/beside', 'dangling'];
  const told = await edit(cwd, ...paths.map((path) => diff(path, null, 'x')));
  expect(told).toHaveLength(3);
  for (const notice of told) expect(notice).toContain('it lies outside of the working directory');
  for (const name of ['beside', 'nothing']) await expect(readFile(join(parent, name))).rejects.toThrow('ENOENT');
});
