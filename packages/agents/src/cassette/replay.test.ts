import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';

import {
  ends,
  later,
  opening,
  prompt,
  replayed,
  says,
  temporaryFolder,
  update,
  writeCassette,
} from '../../test/cassettes.js';
import { message, notices, open, recorder, said } from '../../test/open-fixture.js';

const HOUR = 3_600_000;
const twoTurns = [...opening(), prompt(2, 'One'), says('first'), ends(2), prompt(3, 'Two'), says('second'), ends(3)];

describe('prompts', () => {
  test('are matched in order, strictly: another is refused with the difference, and the turn can be had again', async () => {
    const { events, handler } = recorder();
    await using agent = await open(replayed(await writeCassette(twoTurns)), { handler });
    await agent.prompt(message('One'));
    await expect(agent.prompt(message('Too'))).rejects.toMatchObject({
      kind: 'turn',
      message:
        'Replay of written.jsonl: line 9 of the tape: prompt 2 differs from the recorded one: expected "Two", got "Too"',
    });
    await agent.prompt(message('Two'));
    expect(said(events)).toBe('firstsecond');
    await expect(agent.prompt(message('Three'))).rejects.toThrow(
      'the tape holds 2 prompts of this conversation; this is one more: "Three"',
    );
  });

  itInAll('that differ are played with a notice where the operator wants it', async () => {
    const { events, handler } = recorder();
    const definition = replayed(await writeCassette(twoTurns), { PARLEY_REPLAY_PROMPTS: 'any' });
    await using agent = await open(definition, { handler });
    await agent.prompt(message('Anything'));
    expect(said(events)).toBe('first');
    expect(notices(events)).toEqual(['Replay: line 6 of the tape: expected "One", got "Anything".']);
  });

  itInAll('may name the folder of the conversation and hold secrets: what was recorded did not', async () => {
    const tape = [...opening(), prompt(2, 'Read {{parley.cwd}}/a with [redacted]'), says('{{parley.cwd}}/b'), ends(2)];
    const { events, handler } = recorder();
    const cwd = await temporaryFolder();
    await using agent = await open(replayed(await writeCassette(tape)), { handler, cwd });
    await agent.prompt(message(`Read ${cwd}/a with ghp_abcdefghijklmnopqrstuv`));
    expect(said(events)).toBe(`${cwd}/b`);
  });

  itInAll('are found again by a process that takes up the conversation of one before', async () => {
    const canResume = { sessionCapabilities: { resume: {} } };
    const tape = await writeCassette([...opening({}, canResume), ...twoTurns.slice(4)]);
    const first = await open(replayed(tape));
    await first.prompt(message('One'));
    await first.close();
    const { events, handler } = recorder();
    await using second = await open(replayed(tape), { handler, resume: first.info.acpSessionId });
    expect(second.info).toMatchObject({ acpSessionId: first.info.acpSessionId, resumed: true });
    await expect(second.prompt(message('Three'))).rejects.toThrow('no prompt on the tape is "Three"');
    await second.prompt(message('Two'));
    expect(said(events)).toBe('second');
  });
});

test('what was said after an answer comes at its time, or before the next prompt', async () => {
  const late = update({ sessionUpdate: 'session_info_update', title: 'Late' });
  const tape = [...opening(), prompt(2, 'One'), ends(2), later(HOUR, late), prompt(3, 'Two'), ends(3)];
  const { events, handler } = recorder();
  const definition = replayed(await writeCassette(tape), { PARLEY_REPLAY_SPEED: '1' });
  await using agent = await open(definition, { handler });
  await agent.prompt(message('One'));
  const updates = () => events.filter(({ type }) => type === 'session_updated');
  expect(updates()).toEqual([]);
  await agent.prompt(message('Two'));
  expect(updates()).toMatchObject([{ type: 'session_updated', title: 'Late' }]);
});

test('an agent that died in its turn dies again, and one whose recording ends there says so', async () => {
  const dies = await writeCassette([...opening(), prompt(2, 'Go'), says('last words'), { exit: 9 }]);
  const { events, handler } = recorder();
  await using agent = await open(replayed(dies), { handler });
  await expect(agent.prompt(message('Go'))).rejects.toMatchObject({ kind: 'exit', exitCode: 9 });
  expect(said(events)).toBe('last words');
  const cut = await writeCassette([...opening(), prompt(2, 'Go'), says('last words')]);
  await using other = await open(replayed(cut));
  await expect(other.prompt(message('Go'))).rejects.toThrow('the recording ends before the agent answered this');
});

test('a session has an id of its own, wherever the recorded one stood', async () => {
  const tape = [
    ...opening({ modes: { currentModeId: 'a', availableModes: [{ id: 'a', name: 'of recorded-session-0001' }] } }),
    prompt(2, 'Go'),
    says('recorded-session-0001'),
    ends(2),
  ];
  const { events, handler } = recorder();
  await using agent = await open(replayed(await writeCassette(tape)), { handler });
  const id = agent.info.acpSessionId;
  expect(id).toMatch(/^replay-1-[0-9a-f-]{36}$/);
  expect(agent.info.modes?.available[0]?.name).toBe(`of ${id}`);
  await agent.prompt(message('Go'));
  expect(said(events)).toBe(id);
});

test('settings that the recorded agent offered are taken, and change nothing', async () => {
  const option = { id: 'model', name: 'Model', type: 'select', currentValue: 'a' };
  const options = ['a', 'b'].map((value) => ({ value, name: value }));
  const tape = [...opening({ configOptions: [{ ...option, options }] }), prompt(2, 'Go'), says('ok'), ends(2)];
  await using agent = await open(replayed(await writeCassette(tape)), { settings: { model: 'any', oss: true } });
  await agent.configure('model', 'b');
  expect(agent.info.configOptions[0]).toMatchObject({ config_id: 'model', value: 'b' });
  await expect(agent.configure('effort', 'b')).rejects.toThrow('The agent offers no effort');
});

test('a cassette that cannot be played says why at the start', async () => {
  const file = join(await temporaryFolder(), 'bad.jsonl');
  await writeFile(file, '{"cassette":7}\n');
  expect(await replayed(file).problem?.()).toBe(`${file}:1: expected a cassette of version 1, got 7`);
  expect(await replayed(`${file}.no`).problem?.()).toContain('ENOENT');
  await expect(open(replayed(file))).rejects.toMatchObject({ stderrTail: expect.stringContaining('bad.jsonl:1: ') });
  const definition = replayed(await writeCassette(twoTurns), { PARLEY_REPLAY_SPEED: 'fast' });
  await expect(open(definition)).rejects.toMatchObject({
    stderrTail: 'parley replay: PARLEY_REPLAY_SPEED: expected a number above 0 or max, got "fast"\n',
  });
});
