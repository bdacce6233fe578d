import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PermissionRequest } from '@parleyhq/agents';
import type { Event, EventFrame } from '@parleyhq/contract';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askedIn, createdIn, id, message, startedTurn } from '../../test/events.js';
import { openTestLog } from '../../test/open-test-log.js';
import { createJournal, type Journal } from '../journal/journal.js';
import type { SqliteEventLog } from '../log/sqlite/sqlite-event-log.js';
import { createDiffer, type Differ } from './differ.js';
import { createPendingEdits, type PendingEdits } from './pending-edits.js';

const APPROVAL = id(1_002);
const logger = pino({ level: 'silent' });
const request: PermissionRequest = {
  turnId: id(2),
  toolCall: {
    type: 'tool_call',
    item_id: id(2_002),
    tool_call_id: 'c',
    title: 't',
    kind: 'edit',
    status: 'pending',
    content: [],
    locations: [],
  },
  options: [],
  edits: [{ path: 'sort.ts', oldText: null, newText: 'sorted\n' }],
  editsOmitted: 0,
};
const cancelled: Event = {
  type: 'approval_resolved',
  turn_id: id(2),
  approval_id: APPROVAL,
  by: 'server',
  outcome: 'cancelled',
};
const ended: Event = {
  type: 'turn_completed',
  turn_id: id(2),
  submission_id: 's2',
  status: 'interrupted',
  cause: 'interrupted',
};
let folder: string;
let log: SqliteEventLog;
let journal: Journal;
let differ: Differ;
let edits: PendingEdits;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-edits-')));
  log = await openTestLog(join(folder, 'log.db'));
  journal = createJournal({ sessionId: id(1), log, logger, publish: () => undefined });
  differ = createDiffer({ diffTimeoutMs: 5_000, maxPatchBytes: 4_000 });
  const options = { cwd: folder, dataDir: join(folder, 'data'), differ, maxPatchBytes: 4_000 };
  edits = createPendingEdits(journal, options, logger);
  await journal.append([createdIn(folder), message(2), startedTurn(2), askedIn(2)]);
});
afterEach(async () => {
  await differ.close();
  await log.close();
  await rm(folder, { recursive: true });
});

async function told(): Promise<Event[]> {
  const events = await log.read(id(1), 4, { events: 100, bytes: 1e6 });
  return events.map(({ frame }) => (JSON.parse(frame) as EventFrame).payload);
}

it('an edit that waits for consent is told of, and that nothing waits any more', async () => {
  await edits.add(APPROVAL, request);
  await journal.append([cancelled]);
  edits.remove([APPROVAL]);
  await expect.poll(told).toHaveLength(3);
  expect(await told()).toMatchObject([
    { type: 'patch_updated', turn_id: id(2), patch: { files: [{ path: 'sort.ts', change: 'added' }] } },
    cancelled,
    { type: 'patch_updated', turn_id: id(2), patch: null },
  ]);
});

it('one that was answered while its file was read is not told of, least of all in the turn after', async () => {
  const added = edits.add(APPROVAL, request);
  await journal.append([cancelled, ended, message(3), startedTurn(3)]);
  edits.remove([APPROVAL]);
  await added;
  expect(await told()).toEqual([cancelled, ended, message(3), startedTurn(3)]);
});

it('a file is named without its diff where that was not kept, or does not fit into the answer', async () => {
  const small = { path: 'small', oldText: null, newText: 'small\n' };
  const files = [
    { path: 'not-kept', oldText: null, newText: null },
    { path: 'too-long', oldText: null, newText: 'x'.repeat(5_000) },
    { path: 'fits', oldText: null, newText: '\u0001'.repeat(200) },
    { path: 'no-room', oldText: null, newText: '\u0001'.repeat(200) },
    small,
  ];
  await edits.add(APPROVAL, { ...request, edits: files });
  const patch = (await edits.current())?.patch;
  expect(patch?.files.map(({ path, omitted, additions }) => [path, omitted, additions])).toEqual([
    ['not-kept', 'too_large', 0],
    ['too-long', 'too_large', 0],
    ['fits', undefined, 1],
    ['no-room', 'too_large', 1],
    ['small', undefined, 1],
  ]);
  expect(patch?.diff.match(/^diff --git.*$/gm)).toEqual(['diff --git a/fits b/fits', 'diff --git a/small b/small']);
  expect(patch).toMatchObject({ exact: false, applicable: true });
  expect(await told()).toMatchObject([
    { type: 'patch_updated', patch: { files: [{ omitted: 'too_large' }, {}, {}, {}, {}] } },
  ]);
});

it('files that do not fit into the answer are counted', async () => {
  const files = Array.from({ length: 50 }, (_, n) => ({ path: `file-${n}`, oldText: null, newText: null }));
  await edits.add(APPROVAL, { ...request, edits: files });
  const pending = await edits.current();
  expect(pending?.files).toHaveLength(50);
  const { files: listed = [], files_truncated = 0 } = pending?.patch ?? {};
  expect(listed.length).toBeGreaterThan(5);
  expect(files_truncated).toBe(50 - listed.length);
});
