import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { AgentSettings, Environment } from '../definition.js';
import { createAgentCatalog } from './catalog.js';
import type { OperatorAgent } from './operator-agent.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-catalog-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('availability', () => {
  test('finds a command on PATH, and only an executable file', async () => {
    const catalog = createAgentCatalog({ env: { PATH: `/no/such:${folder}` } });
    const file = join(folder, 'codex-acp');
    expect(await catalog.availability('codex')).toEqual({
      available: false,
      reason: 'codex-acp was not found on PATH; install it with: npm install --global @agentclientprotocol/codex-acp',
    });
    await writeFile(file, '#!/bin/sh\n');
    expect(await catalog.availability('codex')).toMatchObject({ available: false });
    await chmod(file, 0o755);
    expect(await catalog.availability('codex')).toEqual({ available: true, path: file });
  });

  test('of the demo agent needs nothing', async () => {
    const catalog = createAgentCatalog({ env: {} });
    expect(await catalog.availability('demo')).toEqual({ available: true, path: process.execPath });
  });

  test('of an unknown agent says so', async () => {
    expect(await createAgentCatalog().availability('nobody')).toEqual({
      available: false,
      reason: 'There is no agent nobody',
    });
  });
});

describe('settings', () => {
  const launch = async (agent: string, settings: AgentSettings, env: Environment = {}) =>
    createAgentCatalog().get(agent)?.launch(settings, env);

  test('reach Codex as its configuration, merged over the operator’s', async () => {
    const env = { CODEX_CONFIG: '{"sandbox_workspace_write":{},"web_search":"cached"}' };
    const started = await launch(
      'codex',
      { model: 'gpt-5', oss: true, web_search: true, config_profile: 'default' },
      env,
    );
    expect(started?.env?.INITIAL_AGENT_MODE).toBe('read-only');
    expect(JSON.parse(started?.env?.CODEX_CONFIG ?? '')).toEqual({
      sandbox_workspace_write: {},
      model: 'gpt-5',
      model_provider: 'ollama',
      web_search: 'live',
    });
  });

  test('a profile of Codex is the file beside its configuration', async () => {
    await writeFile(join(folder, 'fast.config.toml'), 'model = "small"\n[features]\nx = true\n');
    const started = await launch('codex', { config_profile: 'fast' }, { CODEX_HOME: folder });
    expect(JSON.parse(started?.env?.CODEX_CONFIG ?? '')).toEqual({
      model: 'small',
      features: { x: true },
      web_search: 'disabled',
    });
    await expect(launch('codex', { config_profile: 'slow' }, { CODEX_HOME: folder })).rejects.toMatchObject({
      setting: 'config_profile',
    });
    await expect(launch('codex', { config_profile: '../x' }, { CODEX_HOME: folder })).rejects.toThrow(
      'expected letters',
    );
  });

  test('reach Claude Code through its own options', async () => {
    expect(await launch('claude', { model: 'sonnet', web_search: true })).toEqual({
      ...{ model: 'sonnet', mode: 'default' },
      env: {},
    });
    expect(await launch('claude', {})).toEqual({
      ...{ mode: 'default', env: {} },
      sessionMeta: { claudeCode: { options: { disallowedTools: ['WebSearch'] } } },
    });
  });

  test('of Claude Code that name a cloud bring its credentials, and no others', async () => {
    const secrets = { AWS_PROFILE: 'work', GOOGLE_APPLICATION_CREDENTIALS: '/key.json' };
    const envOf = async (env: Environment) => (await launch('claude', {}, env))?.env;
    expect(await envOf({ ...secrets, CLAUDE_CODE_USE_BEDROCK: '0' })).toEqual({});
    expect(await envOf({ ...secrets, CLAUDE_CODE_USE_BEDROCK: '1' })).toEqual({ AWS_PROFILE: 'work' });
    expect(await envOf({ ...secrets, CLAUDE_CODE_USE_VERTEX: '1' })).toEqual({
      GOOGLE_APPLICATION_CREDENTIALS: '/key.json',
    });
  });

  test('make opencode ask', async () => {
    const started = await launch('opencode', { model: 'ollama/qwen' });
    expect(started?.model).toBe('ollama/qwen');
    expect(JSON.parse(started?.env?.OPENCODE_PERMISSION ?? '')).toEqual({
      edit: 'ask',
      bash: 'ask',
      webfetch: 'ask',
      websearch: 'deny',
    });
  });

  test('start Nanocoder in the mode that asks', async () => {
    expect(await launch('nanocoder', { model: 'large' })).toEqual({ model: 'large', mode: 'normal' });
    expect(await launch('gemini', {})).toEqual({});
  });

  test.each([
    ['claude', { oss: true }, 'oss'],
    ['claude', { config_profile: 'mine' }, 'config_profile'],
    ['opencode', { oss: true }, 'oss'],
  ] as const)('that %s cannot follow (%o) are refused by name', async (agent, settings, setting) => {
    await expect(launch(agent, settings)).rejects.toMatchObject({ name: 'AgentSettingError', setting });
  });

  test('of the seed’s example are all taken by the demo agent', async () => {
    const seed = { model: 'claude-3-sonnet', oss: false, web_search: true, config_profile: 'default' };
    expect(await launch('demo', seed)).toEqual({ env: { PARLEY_DEMO_MODEL: 'claude-3-sonnet' } });
  });
});

describe('the operator’s agents', () => {
  const define = (entry: OperatorAgent) => createAgentCatalog({ agents: [entry] }).get(entry.name);

  test('stand beside the presets', async () => {
    const agent = define({
      name: 'mine',
      title: 'Gemini CLI',
      command: 'gemini',
      args: ['--acp'],
      pass_env: ['GEMINI_*'],
    });
    expect(agent).toMatchObject({ title: 'Gemini CLI', command: 'gemini', args: ['--acp'], passEnv: ['GEMINI_*'] });
    expect(await agent?.launch({ model: 'pro' }, {})).toEqual({ model: 'pro' });
    expect(agent?.asks).toBe('unknown');
    await expect(agent?.launch({ web_search: true }, {})).rejects.toMatchObject({ setting: 'web_search' });
  });

  test('may change a preset, and may share its way of taking settings', async () => {
    expect(define({ name: 'codex', command: 'npx', args: ['-y', '@agentclientprotocol/codex-acp'] })).toMatchObject({
      title: 'Codex',
      command: 'npx',
      args: ['-y', '@agentclientprotocol/codex-acp'],
    });
    const work = define({ name: 'codex-work', preset: 'codex', env: { CODEX_HOME: '/work' } });
    expect(work).toMatchObject({ name: 'codex-work', command: 'codex-acp', env: { CODEX_HOME: '/work' } });
    expect((await work?.launch({}, {}))?.env?.INITIAL_AGENT_MODE).toBe('read-only');
  });

  test('may be told their model by arguments', async () => {
    const agent = define({ name: 'mine', command: 'x', args: ['acp'], model_args: ['--model', 'as:{model}'] });
    expect(agent).toMatchObject({ supports: { model: true }, modelIsOption: false });
    expect(await agent?.launch({ model: '$&-1' }, {})).toEqual({ args: ['--model', 'as:$&-1'] });
    expect(await agent?.launch({}, {})).toEqual({});
    expect(() => define({ name: 'mine', command: 'x', model_args: ['-m'] })).toThrow('expected {model} in model_args');
  });

  test('may be started in a mode of their own, and say whether they ask', async () => {
    const agent = define({ name: 'pi', mode: 'careful', asks: 'by_mode', acp_version: 2 });
    expect(agent).toMatchObject({ title: 'pi', command: 'pi-acp', asks: 'by_mode', acpVersion: 2 });
    expect(await agent?.launch({ model: 'large' }, {})).toEqual({ model: 'large', mode: 'careful' });
  });

  test('may have a sandbox of their own, or none, in place of the one of all', async () => {
    const agents = [
      { name: 'own', command: 'x', wrapper: ['mine', '{cwd}'] },
      { name: 'free', command: 'x', wrapper: [] },
    ];
    const catalog = createAgentCatalog({ agents, wrapper: ['bwrap', '--'], recordDir: folder });
    const wrappers = ['demo', 'own', 'free'].map((name) => catalog.get(name)?.wrapper);
    expect(wrappers).toEqual([['bwrap', '--'], ['mine', '{cwd}'], []]);
    expect(await createAgentCatalog({ wrapper: ['no-such-sandbox'] }).availability('demo')).toEqual({
      available: false,
      reason: 'The command of its wrapper, no-such-sandbox, was not found on PATH',
    });
  });

  test('run inside the server where that is asked for and possible', () => {
    expect(define({ name: 'demo', in_memory: true })?.runInMemory).toBeDefined();
    expect(define({ name: 'quick', preset: 'demo', in_memory: true })?.runInMemory).toBeDefined();
    expect(define({ name: 'demo', in_memory: false })?.runInMemory).toBeUndefined();
    const message = 'expected in_memory only for the preset demo, without command or args';
    for (const entry of [
      { name: 'codex' },
      { name: 'mine', command: 'mine' },
      { name: 'mine', replay: '/tape.jsonl' },
      { name: 'demo', command: 'mine' },
      { name: 'demo', args: ['--loud'] },
    ]) {
      expect(() => define({ ...entry, in_memory: true })).toThrow(`Agent ${entry.name}: ${message}`);
    }
  });

  test('that make no sense are refused with the reason', () => {
    expect(() => define({ name: 'No Spaces', command: 'x' })).toThrow('got "No Spaces"');
    expect(() => define({ name: 'mine' })).toThrow('Agent mine: expected a command');
    expect(() => define({ name: 'mine', command: 'x', wrapper: ['bwrap', '--tmpfs={data-dir}'] })).toThrow(
      'Agent mine: wrapper: expected {cwd}, {workspace}, {data_dir}, {home}, got {data-dir} in --tmpfs={data-dir}',
    );
    expect(() => createAgentCatalog({ wrapper: ['{home}/sandbox'] })).toThrow('wrapper: expected a command first');
    const both = { name: 'mine', replay: '/tape.jsonl', command: 'x' };
    expect(() => define(both)).toThrow('Agent mine: expected either replay, or a preset or a command');
    expect(() => define({ name: 'mine', preset: 'codez' })).toThrow(
      'expected a preset of demo, codex, claude, opencode',
    );
  });
});

test('the page for operators has each preset in its table, as it is', async () => {
  const page = await readFile(new URL('../../../../docs/operators.md', import.meta.url), 'utf8');
  const rows = createAgentCatalog()
    .list()
    .filter(({ name }) => name !== 'demo')
    .map(({ name, title, command, args, asks, passEnv, install }) => {
      const variables = passEnv.map((variable) => `\`${variable}\``).join(', ');
      return `| \`${name}\` | ${title} | \`${[command, ...args].join(' ')}\` | ${asks} | ${variables} | \`${install}\` |`;
    });
  const table = page
    .split('\n')
    .filter((line) => /^\| `[a-z]+` \| [^|]+ \| `[^|]+` \| (always|by_mode|never|unknown) /.test(line));
  expect(table).toEqual(rows);
});
