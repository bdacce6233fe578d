import { mkdtemp, readFile, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { itInAll } from '../../../scripts/test-forms.js';

import { fixture, message, open, recorder, said } from '../test/open-fixture.js';
import { processStartTime } from './process/start-time.js';

describe('a start', () => {
  test('that fails says why, with the end of stderr', async () => {
    const failure = await open(fixture('exit-at-once')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'start', exitCode: 4, stderrTail: 'no licence found\n' });
    expect(String(failure)).toContain('Fixture ended with exit code 4');
  });

  test('of a command that is not there names it', async () => {
    const definition = { ...fixture(), command: 'no-such-agent' };
    await expect(open(definition)).rejects.toThrow('Could not run no-such-agent: no such command was found');
  });

  itInAll('in a directory that is not there names that', async () => {
    await expect(open(fixture(), { cwd: '/no/such/folder' })).rejects.toThrow('/no/such/folder does not exist');
  });

  test('that takes too long is given up', async () => {
    const start = open(fixture('hang-at-start'), { startTimeoutMs: 300 });
    await expect(start).rejects.toThrow('Fixture did not start within 300 ms');
  });

  test.each(['hang-at-start', 'hang-stubbornly'])(
    'can be called off, and nothing is left of it: %s',
    async (behaviour) => {
      const folder = await mkdtemp(join(tmpdir(), 'parley-start-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const callOff = new AbortController();
      const options = { signal: callOff.signal, startTimeoutMs: 3_600_000, closeGraceMs: 100 };
      const start = open(fixture(behaviour, join(folder, 'pid')), options).catch((error: unknown) => error);
      for await (const { filename } of watch(folder)) if (filename === 'pid') break; // it was asked to initialize
      callOff.abort();
      expect(await start).toMatchObject({ kind: 'start', message: 'The start of Fixture was cancelled' });
      expect(await processStartTime(Number(await readFile(join(folder, 'pid'), 'utf8')))).toBeUndefined();
    },
  );

  itInAll('that was cancelled before it began does not begin', async () => {
    const start = open({ ...fixture(), command: 'no-such-agent' }, { signal: AbortSignal.abort() });
    await expect(start).rejects.toThrow('The start of Fixture was cancelled');
  });

  test('of an agent of another protocol version is refused', async () => {
    await expect(open(fixture('other-version'))).rejects.toThrow('Fixture speaks version 2 of ACP, not 1');
  });

  test('of an agent that wants a login says so', async () => {
    await expect(open(fixture('wants-login'))).rejects.toMatchObject({
      message: 'Fixture wants a login first: Authentication required',
      methods: ['It names no way to log in: log in with its own command.'],
    });
  });

  test('with a model that the agent does not offer names the setting', async () => {
    const start = open(fixture('plain'), { settings: { model: 'big' } });
    await expect(start).rejects.toMatchObject({ name: 'AgentSettingError', setting: 'model' });
  });
});

describe('resume', () => {
  test('falls back to a new conversation when the agent has forgotten the old one', async () => {
    await using agent = await open(fixture('forgetful'), { resume: 'old' });
    expect(agent.info).toMatchObject({
      ...{ acpSessionId: 'fixture-session', resumed: false, capabilities: ['resume'] },
      refusal: 'Resource not found',
    });
  });

  test('by load discards the replay and keeps the state', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('loads'), { resume: 'fixture-session', handler });
    expect(agent.info).toMatchObject({ acpSessionId: 'fixture-session', resumed: true });
    expect(agent.info.commands).toEqual([{ name: 'old', description: '' }]);
    await agent.prompt(message('go'));
    expect(said(events)).toBe('hello');
  });

  test('by load comes after the login that it wants, where one is possible', async () => {
    const key = { id: 'key', name: 'API key' };
    const definition = { ...fixture('loads-after-login', JSON.stringify([key])), keyVariables: { key: ['ACME_KEY'] } };
    const resume = 'fixture-session';
    await using loaded = await open({ ...definition, passEnv: ['ACME_KEY'] }, { resume, env: { ACME_KEY: 'x' } });
    expect(loaded.info).toMatchObject({ acpSessionId: resume, resumed: true });
    await using begun = await open(definition, { resume, env: {} });
    expect(begun.info).toMatchObject({ resumed: false, refusal: 'Authentication required' });
  });
});
