import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHost, owner } from '../../test/open-host.js';

/** A session whose agent waits for consent to write `sort.ts`. */
async function openAsking() {
  const opened = await openHost();
  const { session_id: session } = await opened.host.create(owner, { cwd: opened.cwd });
  await opened.say(session, 'sort');
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
});
