import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAgentCatalog } from '@parleyhq/agents';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { is, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

/** A session whose agent waits for consent to write `sort.ts`, or what else `say` makes it write. */
async function openAsking(prepare: (cwd: string) => void = () => undefined, say = 'sort') {
  const opened = await openHost(async (_, cwd) => prepare(cwd));
  const { session_id: session } = await opened.host.create(owner, { cwd: opened.cwd });
  await opened.say(session, say);
  await opened.until(session, (event) => event.type === 'patch_updated' && event.patch !== null);
  const [approval] = opened.host.get(owner, session).pending_approvals;
  const answer = (decision: 'allow_once' | 'reject_once') =>
    opened.host.submit(owner, session, {
      type: 'approval',
      approval_id: approval?.approval_id ?? '',
      decision,
    });
  const ended = async () => {
    const events = await opened.until(session, ({ type }) => type === 'turn_completed');
    return events.flatMap((event) => (event.type === 'approval_resolved' ? [event.decision] : []));
  };
  return { ...opened, session, answer, ended, file: join(opened.cwd, 'sort.ts') };
}

describe('an approval', () => {
  it('takes one of two answers, also when they are two at once', async () => {
    const { answer, ended, file } = await openAsking();
    const answers = await Promise.allSettled([answer('reject_once'), answer('allow_once')]);
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'ApprovalResolved' } },
    ]);
    expect(await ended()).toEqual(['reject_once']);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a patch', () => {
  it('is refused when somebody has rejected it meanwhile', async () => {
    const { host, session, answer, ended, file } = await openAsking();
    const applied = host.applyPatch(owner, session, {});
    const [outcome] = await Promise.allSettled([applied, answer('reject_once')]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'PatchSuperseded' } });
    expect(await ended()).toEqual(['reject_once']);
    expect(existsSync(file)).toBe(false);
  });

  it('is applied once, also when it is asked for twice at once', async () => {
    const { host, session, ended, file } = await openAsking();
    const both = await Promise.allSettled([host.applyPatch(owner, session, {}), host.applyPatch(owner, session, {})]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await ended()).toEqual(['allow_once']);
    expect(existsSync(file)).toBe(true);
  });

  it('that cannot be written is not applied, and the agent still waits', async () => {
    const { host, session, answer, ended } = await openAsking((cwd) => mkdirSync(join(cwd, 'sort.ts')));
    expect(await host.getPatch(owner, session)).toMatchObject({ applicable: false, conflicts: [{ path: 'sort.ts' }] });
    const refusal = { code: 'PatchConflict', details: [{ pointer: '/files/sort.ts' }] };
    await expect(host.applyPatch(owner, session, {})).rejects.toMatchObject(refusal);
    expect(host.get(owner, session).pending_approvals).toHaveLength(1);
    await answer('reject_once');
    await ended();
  });

  itInAll('that the agent does not write although it may is no success', async () => {
    const { host, session, until } = await openAsking((cwd) => writeFileSync(join(cwd, 'src'), 'no folder'), '/edits');
    await until(session, (event) => event.type === 'patch_updated' && event.patch?.files.length === 2);
    const { code, details } = await host.applyPatch(owner, session, {}).catch((error) => error);
    expect(code).toBe('PatchConflict');
    expect(details.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/files/src~1greet.ts',
      '/files/src~1index.ts',
    ]);
    const events = await until(session, ({ type }) => type === 'turn_completed');
    expect(events.find(({ type }) => type === 'patch_applied')).toMatchObject({
      files: [],
      failed: [{ path: 'src/greet.ts' }, { path: 'src/index.ts' }],
    });
  });

  itInAll('of which the disk has room for a half is no success, and can be reverted', async () => {
    // Files of the agent end where those on a full disk would: after a kilobyte at most.
    const agent = fileURLToPath(new URL('../../test/scripted-agent.mjs', import.meta.url));
    const args = ['-c', 'ulimit -f 1 && exec "$@"', 'sh', process.execPath, agent, 'resume'];
    const agents = createAgentCatalog({ agents: [{ name: 'scripted', command: 'sh', args }] });
    const prepare = async (_: unknown, cwd: string) => writeFileSync(join(cwd, 'a.txt'), 'old\n');
    const { host, cwd, say, until } = await openHost(prepare, { agents, defaultAgent: 'scripted' });
    const file = join(cwd, 'a.txt');
    const { session_id: session } = await host.create(owner, { cwd });
    await say(session, 'ask-much 100000');
    await until(session, (event) => event.type === 'patch_updated' && event.patch !== null);
    const { patch_id } = await host.getPatch(owner, session);

    await expect(host.applyPatch(owner, session, {})).rejects.toMatchObject({
      code: 'PatchConflict',
      details: [{ pointer: '/files/a.txt', message: 'a.txt: the agent failed while it wrote it' }],
    });
    expect(statSync(file).size).toBeLessThan(100_000);
    const events = await until(session, ({ type }) => type === 'turn_completed');
    expect(events.find(({ type }) => type === 'patch_applied')).toMatchObject({
      files: [],
      failed: [{ path: 'a.txt' }],
    });
    await host.revertPatch(owner, session, { patch_id });
    expect(readFileSync(file, 'utf8')).toBe('old\n');
  });

  itInAll('can be reverted after a dozen were asked to be applied at once', async () => {
    const { host, session, ended, file } = await openAsking();
    const { patch_id } = await host.getPatch(owner, session);
    const all = await Promise.allSettled(
      Array.from({ length: 12 }, () => host.applyPatch(owner, session, { patch_id })),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of all) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ status: 409 });
    }
    await ended();
    await host.revertPatch(owner, session, { patch_id });
    expect(existsSync(file)).toBe(false);
  });
});

it('a patch that has landed counts the lines that have changed, also where the agent said less', async () => {
  const latin1 = Buffer.from('r\u00e9sum\u00e9\n'.repeat(5).concat('small\n'), 'latin1');
  const prepare = async (_: unknown, cwd: string) => writeFileSync(join(cwd, 'a.txt'), latin1);
  const { host, cwd, say, until } = await openHost(prepare, scripted());
  const { session_id: session } = await host.create(owner, { cwd });
  await say(session, 'replace-word small large');
  await until(session, (event) => event.type === 'patch_updated' && event.patch !== null);
  expect(await host.getPatch(owner, session)).toMatchObject({ exact: false, files: [{ additions: 1, deletions: 1 }] });
  const { files } = await host.applyPatch(owner, session, {});
  const events = await until(session, ({ type }) => type === 'turn_completed');
  expect(files).toMatchObject([{ path: 'a.txt', change: 'modified', additions: 6, deletions: 6 }]);
  expect(events.find(({ type }) => type === 'patch_applied')).toMatchObject({ files });
});

describe('apply_patch', () => {
  const openScripted = async (message: string, applyTimeoutMs?: number) => {
    const limits = applyTimeoutMs === undefined ? {} : { applyTimeoutMs };
    const opened = await openHost(undefined, { ...scripted(), limits });
    const { session_id: session } = await opened.host.create(owner, { cwd: opened.cwd });
    await opened.say(session, message);
    await opened.until(session, (event) => event.type === 'patch_updated' && event.patch !== null);
    return { ...opened, session };
  };

  it('is answered when the agent has written, though it says nothing of it', async () => {
    const { host, session, cwd } = await openScripted('write-silently');
    const { patch_id, ...applied } = await host.applyPatch(owner, session, {});
    expect(applied).toMatchObject({ status: 'applied', files: [{ path: 'a.txt' }] });
    expect(host.get(owner, session).status).toBe('running');
    await host.revertPatch(owner, session, { patch_id });
    expect(existsSync(join(cwd, 'a.txt'))).toBe(false);
  });

  it('is answered at its limit when the agent does not write', async () => {
    const { host, session } = await openScripted('write-silently not', 100);
    await expect(host.applyPatch(owner, session, {})).rejects.toMatchObject({ code: 'PatchConflict' });
    expect(host.get(owner, session).status).toBe('running');
  });

  itInAll('takes edits that are asked for at once as one patch, which is announced once', async () => {
    const { host, session, until } = await openScripted('two');
    expect((await host.applyPatch(owner, session, {})).files.map(({ path }) => path)).toEqual(['a.txt', 'b.txt']);
    const events = await until(session, is('turn_completed'));
    const announced = events.flatMap((event) => (event.type === 'patch_updated' && event.patch ? [event.patch] : []));
    expect(announced.map(({ files }) => files.length)).toEqual([2]);
  });
});
