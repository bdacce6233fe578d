import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAgentCatalog } from '@parleyhq/agents';
import type { Event } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, is, last, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

async function openSession() {
  // The agent is a process: it is seen to be ended.
  const opened = await openHost(undefined, { agents: createAgentCatalog({}), limits: { logPatienceMs: 1_000 } });
  const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd });
  return Object.assign(opened, { id });
}

describe('a log that cannot be written', () => {
  const toTenThousand = Array.from({ length: 10_000 }, (_, index) => index + 1);
  const numbersIn = (events: readonly Event[]) => {
    const item = last(events, 'item_completed')?.item;
    const deltas = events.map((event) => (event.type === 'item_delta' ? event.delta : undefined));
    const started = last(events, 'item_started')?.item;
    expect(item?.item_id).toBe(started?.item_id);
    const first = started?.type === 'agent_message' ? started.content : [];
    const texts = [...first, ...deltas].map((part) => (part?.type === 'text' ? part.text : ''));
    return texts.join('').split(' ').filter(Boolean).map(Number);
  };

  /** A session whose agent floods a log that refuses to be written. */
  async function openFlooded() {
    const opened = await openSession();
    const { id, host, disk, say } = opened;
    const speaking = new Promise<void>((resolve) => {
      disk.written = (frames) => {
        if (!frames.includes('"item_delta"')) return;
        disk.trouble = 'refused';
        disk.written = () => undefined;
        resolve();
      };
    });
    const { answer } = await say(id, '/flood');
    await speaking;
    await expect(say(id, 'hello')).rejects.toMatchObject({ code: 'Unavailable' });
    // An append that was under way may still succeed.
    await expect.poll(() => host.degraded).toBe(true);
    return Object.assign(opened, { turnId: answer.turn_id });
  }

  it('holds the agent back for a while, and nothing is lost', async () => {
    const { id, host, disk, until } = await openFlooded();
    disk.trouble = 'none';
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'completed' });
    expect(numbersIn(events)).toEqual(toTenThousand);
    expect(host.degraded).toBe(false);
  });

  it('ends the turn once it can be written, and takes the next message', async () => {
    const { id, turnId, folder, host, disk, say, until } = await openFlooded();
    const { frames } = await host.history(owner, id, 0, 100_000);
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        // The agent is ended when patience is.
        if (!existsSync(join(folder, 'agents')) || readdirSync(join(folder, 'agents')).length > 0) return;
        clearInterval(look);
        resolve();
      }, 50);
    });
    disk.trouble = 'none';
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({
      status: 'failed',
      cause: 'log_unavailable',
      turn_id: turnId,
    });
    expect((await host.history(owner, id, 0, frames.length)).frames).toEqual(frames);
    const { answer } = await say(id, '/refuse');
    await until(id, endOf(answer.turn_id));
  });

  it('tells a patch that an agent has written as soon as it can, so that it can be reverted', async () => {
    const { id, host, cwd, disk, say, until } = await openSession();
    await say(id, 'sort');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    let refused = 0;
    disk.written = (frames) => {
      const isRefused = frames.includes('"patch_applied"') && refused < 2;
      if (isRefused) refused += 1;
      disk.trouble = isRefused ? 'refused' : 'none';
    };
    const { patch_id } = await host.applyPatch(owner, id, {});
    expect(refused).toBe(2);
    expect(last(await until(id, is('patch_applied')), 'patch_applied')).toMatchObject({ patch_id, failed: [] });
    await host.revertPatch(owner, id, { patch_id });
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(false);
  });

  itInAll('leaves the files as they are when a patch is reverted, and reverts it later', async () => {
    const { id, host, cwd, disk, say, until } = await openSession();
    await say(id, 'sort');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    const { patch_id } = await host.applyPatch(owner, id, {});
    await until(id, is('turn_completed'));
    const applied = readFileSync(join(cwd, 'sort.ts'), 'utf8');
    disk.trouble = 'refused';
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(host.revertPatch(owner, id, { patch_id })).rejects.toMatchObject({ code: 'Unavailable' });
      expect(readFileSync(join(cwd, 'sort.ts'), 'utf8')).toBe(applied);
    }
    disk.trouble = 'none';
    expect(await host.revertPatch(owner, id, { patch_id })).toMatchObject({ status: 'reverted', patch_id });
    expect(readdirSync(cwd)).toEqual([]);
  });

  itInAll('finds out what was written after all when an answer was lost', async () => {
    const { id, disk, say, until } = await openSession();
    await until(id, is('session_updated'));
    disk.trouble = 'answer lost';
    const { answer } = await say(id, '/flood');
    const events = await until(id, endOf(answer.turn_id));
    expect(events.filter(is('submission_accepted'))).toHaveLength(1);
    expect(numbersIn(events)).toEqual(toTenThousand);
  });
});

describe('a question of an agent, while the log cannot be written,', () => {
  /** A session whose log refuses these events, so many times, and everything else meanwhile. */
  async function openRefusing(type: Event['type'], times: number, { timeout = 60_000, logPatienceMs = 60_000 } = {}) {
    const opened = await openHost(undefined, { ...scripted(), limits: { logPatienceMs } });
    const { host, disk, cwd } = opened;
    const { session_id: id } = await host.create(owner, { cwd, approval_timeout: timeout });
    let left = times;
    disk.written = (frames) => {
      if (left === 0 || !frames.includes(`"type":"${type}"`)) return;
      left -= 1;
      disk.trouble = left > 0 ? 'refused' : 'none';
    };
    return Object.assign(opened, { id });
  }
  const said = (events: readonly Event[]) => last(events, 'item_completed')?.item;

  itInAll('waits until it can be asked', async () => {
    const { id, host, say, until } = await openRefusing('approval_requested', 3);
    await say(id, 'ask');
    const approval = last(await until(id, is('approval_requested')), 'approval_requested')?.approval;
    const approval_id = approval?.approval_id ?? '';
    await host.submit(owner, id, { type: 'approval', approval_id, decision: 'allow_once' });
    const events = await until(id, endOf());
    expect(events.filter(is('approval_requested'))).toHaveLength(1);
    expect(said(events)).toMatchObject({ content: [{ text: 'yes' }] });
  });

  itInAll('waits also where a form is what it asks for', async () => {
    const { id, host, say, until } = await openRefusing('elicitation_requested', 3);
    await say(id, 'question');
    const asked = last(await until(id, is('elicitation_requested')), 'elicitation_requested');
    const elicitation_id = asked?.elicitation.elicitation_id ?? '';
    await host.submit(owner, id, { type: 'elicitation', elicitation_id, action: 'accept', content: { name: 'Ada' } });
    const events = await until(id, endOf());
    expect(events.filter(is('elicitation_requested'))).toHaveLength(1);
    expect(said(events)).toMatchObject({ content: [{ text: expect.stringContaining('Ada') }] });
  });

  it('gets no answer that the log does not say', async () => {
    const { id, say, until } = await openRefusing('approval_resolved', 3, { timeout: 1_000 });
    await say(id, 'ask');
    const events = await until(id, endOf());
    expect(events.filter(is('approval_resolved'))).toMatchObject([{ by: 'timeout', decision: 'reject_once' }]);
    expect(said(events)).toMatchObject({ content: [{ text: 'no' }] });
  });

  itInAll('ends with its deadline, also if that is over before it could be asked', async () => {
    const { id, say, until } = await openRefusing('elicitation_requested', 6, { timeout: 1_000 });
    await say(id, 'question');
    const events = await until(id, endOf());
    expect(events.filter(is('elicitation_resolved'))).toMatchObject([{ by: 'timeout', action: 'cancel' }]);
  });

  itInAll('ends with its turn when patience is over', async () => {
    const { id, disk, say, until } = await openRefusing('approval_requested', Number.POSITIVE_INFINITY, {
      logPatienceMs: 500,
    });
    const ended = new Promise<void>((resolve) => {
      const { written } = disk;
      disk.written = (frames) => {
        written(frames);
        if (!frames.includes('"turn_completed"')) return;
        disk.trouble = 'none';
        resolve();
      };
    });
    await say(id, 'ask');
    await ended;
    const events = await until(id, endOf());
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'failed', cause: 'log_unavailable' });
    expect(events.filter(is('approval_requested'))).toEqual([]);
  });
});
