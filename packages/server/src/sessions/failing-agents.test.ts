import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, is, last, openHost, owner, type TestHostOptions } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

/** A session with the scripted agent, and what a message leads to. */
async function openSession(taking?: 'resume' | 'load' | 'forget', options: TestHostOptions = {}) {
  const opened = await openHost(undefined, { ...scripted(taking), ...options });
  const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd });
  async function turn(message: string) {
    const { answer } = await opened.say(id, message);
    const events = await opened.until(id, endOf(answer.turn_id));
    const ofTurn = events.filter((event) => 'turn_id' in event && event.turn_id === answer.turn_id);
    return { events, end: last(ofTurn, 'turn_completed'), said: said(ofTurn) };
  }
  return Object.assign(opened, { id, turn });
}

/** What the agent said, in its messages as they were completed. */
function said(events: readonly Event[]): string {
  const items = events.flatMap((event) => (event.type === 'item_completed' ? [event.item] : []));
  const texts = items.flatMap((item) => (item.type === 'agent_message' ? item.content : []));
  return texts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

describe('the turn of an agent that', () => {
  const exited = { status: 'failed', cause: 'agent_exited' };
  it.each([
    ['exits', 'exit 7', { ...exited, error: { exit_code: 7, signal: null, stderr_tail: 'out of luck\n' } }],
    ['is killed', 'kill', { ...exited, error: { exit_code: null, signal: 'SIGKILL' } }],
    ['writes a line of 100 MB', 'long-line 100', { status: 'failed', cause: 'agent_error' }],
  ])('%s ends with the facts, and the next message brings it back in its conversation', async (_, message, end) => {
    const { turn } = await openSession();
    await turn('say hello');
    expect((await turn(message)).end).toMatchObject(end);
    const next = await turn('recall');
    expect(next.end).toMatchObject({ status: 'completed' });
    expect(next.said).toBe(`say hello\n${message}\nrecall\n`);
    expect(next.events.filter(is('notice'))).toEqual([]);
  });

  it('writes garbage goes on, and says so', async () => {
    const { turn } = await openSession();
    const { end, said, events } = await turn('garbage');
    expect(end).toMatchObject({ status: 'completed' });
    expect(said).toBe('sense');
    expect(last(events, 'notice')).toMatchObject({ code: 'agent_output_ignored' });
  });

  itInAll('never stops writing ends when it is interrupted, and the log has its end', async () => {
    const { id, host, say, until, turn } = await openSession('resume', { limits: { interruptGraceMs: 50 } });
    const { answer } = await say(id, 'flood');
    await until(id, is('item_delta'));
    await host.submit(owner, id, { type: 'interrupt' });
    expect(last(await until(id, endOf(answer.turn_id)), 'turn_completed')).toMatchObject({ status: 'interrupted' });
    expect((await turn('say hello')).said).toBe('hello');
  });

  itInAll('hangs at its start fails, and the message after the next has its answer', async () => {
    const { cwd, turn } = await openSession('resume', { limits: { agentStartTimeoutMs: 2_000 } });
    writeFileSync(join(cwd, 'mute'), '');
    await turn('kill');
    expect((await turn('say hello')).end).toMatchObject({
      status: 'failed',
      cause: 'agent_unavailable',
      error: { message: expect.stringContaining('did not start within 2000 ms') },
    });
    rmSync(join(cwd, 'mute'));
    expect((await turn('recall')).said).toBe('kill\nrecall\n');
  });
});

it('an image is refused for an agent that takes none, and fails the turn where the agent had to be started for it', async () => {
  const opened = await openSession();
  const { id, turn } = opened;
  const content = [
    { type: 'text' as const, text: 'say hello' },
    { type: 'image' as const, mime_type: 'image/png', data: 'aGVsbG8=' },
  ];
  const send = () => opened.host.submit(owner, id, { type: 'user_message', content });
  await expect(send()).rejects.toMatchObject({
    code: 'InvalidRequest',
    details: [{ pointer: '/body/content/1', message: 'the agent takes no images' }],
  });
  await opened.restart();
  const { answer } = await send();
  const { end, said } = await turn('recall');
  const ends = (await opened.until(id, endOf(answer.turn_id))).filter(is('turn_completed'));
  expect(ends.find((event) => 'turn_id' in event && event.turn_id === answer.turn_id)).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining('takes no images') },
  });
  expect(end).toMatchObject({ status: 'completed' });
  expect(said).toBe('recall\n');
});

describe('an agent that is started again', () => {
  itInAll('has the mode that its session shows, also after a start of the server', async () => {
    const opened = await openSession();
    const { id, turn } = opened;
    const mode = () => opened.host.get(owner, id).modes?.current;
    await opened.host.submit(owner, id, { type: 'configure', config_id: 'mode', value: 'two' });
    await turn('exit 0');
    const { events } = await turn('say hello');
    expect(mode()).toBe('two');
    await opened.restart();
    await turn('say hello');
    expect(mode()).toBe('two');
    expect(events.filter(is('notice'))).toEqual([]);
  });

  itInAll('begins to count its tokens anew, and the session has the sum of its turns', async () => {
    const { id, host, turn } = await openSession();
    for (const message of ['count 5', 'count 7', 'exit 0', 'count 4']) {
      const { end } = await turn(message);
      if (message !== 'exit 0') expect(end).toMatchObject({ usage: { input_tokens: Number(message.slice(6)) } });
    }
    expect(host.get(owner, id).usage).toEqual({ input_tokens: 16 });
  });

  itInAll('says which settings it has lost', async () => {
    const { id, host, cwd, turn } = await openSession();
    await host.submit(owner, id, { type: 'configure', config_id: 'mode', value: 'two' });
    await turn('exit 0');
    writeFileSync(join(cwd, 'stiff'), '');
    const { events } = await turn('say hello');
    expect(last(events, 'notice')).toMatchObject({
      level: 'warning',
      code: 'settings_lost',
      message: expect.stringContaining('mode (two)'),
    });
    expect(host.get(owner, id).modes?.current).toBe('one');
  });

  it('by session/load tells nothing twice', async () => {
    const { turn } = await openSession('load');
    await turn('kill');
    const { said, events } = await turn('recall');
    expect(said).toBe('kill\nrecall\n');
    expect(JSON.stringify(events)).not.toContain('what was said before');
    expect(events.filter(is('notice'))).toEqual([]);
  });

  itInAll('and offers neither way back begins anew, and a notice says so', async () => {
    const { turn } = await openSession('forget');
    await turn('kill');
    const { said, events } = await turn('recall');
    expect(said).toBe('recall\n');
    expect(last(events, 'notice')).toMatchObject({
      code: 'context_lost',
      message: expect.stringContaining('It does not offer to resume'),
    });
  });

  it('after a restart of the server knows its conversation', async () => {
    const { restart, turn } = await openSession();
    await turn('say hello');
    await restart();
    expect((await turn('recall')).said).toBe('say hello\nrecall\n');
  });
});
