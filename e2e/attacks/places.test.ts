import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { attack } from './attack.js';
import { type Parley, startParley } from './parley-process.js';

let parley: Parley;

beforeAll(async () => {
  // Everything that an agent is started with, on its standard error; and files that say where they were written.
  const agent = { name: 'evil', command: process.execPath, args: [join(import.meta.dirname, 'evil-agent.mjs')] };
  const beside = { ...agent, name: 'told', args: [...agent.args, 'tell'] };
  parley = await startParley({ config: { agents: [agent, beside] } });
});
afterAll(() => parley.end());

attack(
  'asks for a session outside of the roots: by dots, links, look-alikes, other notations',
  'an agent would work, and apply patches, in any folder of the machine',
  async () => {
    const { folder, project } = parley;
    await symlink('/', join(project, 'out'));
    await symlink('..', join(project, 'up'));
    await mkdir(`${project}-beside`);
    const places = [
      '/',
      '/etc',
      folder,
      `${project}/..`,
      `${project}/../..`,
      `${project}/./../data`,
      `${project}-beside`,
    ];
    places.push(
      join(project, 'out'),
      `${project}/out/etc`,
      `${project}/up/data`,
      parley.dataDir,
      `/proc/${parley.pid}/cwd/..`,
    );
    places.push(
      'project',
      '.',
      '',
      '~',
      `file://${project}`,
      `${project}\u0000/../..`,
      `${project}%2f..`,
      '//etc',
      '/proc/self/root',
    );
    for (const cwd of places) {
      const { status, text } = await parley.send('POST', '/api/sessions', { body: { cwd } });
      expect.soft(status, JSON.stringify(cwd)).toBe(400);
      expect.soft(JSON.parse(text).details, cwd).toContainEqual(expect.objectContaining({ pointer: '/body/cwd' }));
    }
    expect(JSON.parse((await parley.send('GET', '/api/sessions')).text).sessions).toEqual([]);
  },
);

attack(
  'reads off refusals which folders there are, and where links lead',
  'whoever may start sessions in one folder could map the whole machine',
  async () => {
    const { folder, project } = parley;
    await mkdir(join(folder, 'secret-folder'));
    await symlink(join(folder, 'secret-folder'), join(project, 'to-secret'));
    await symlink(join(folder, 'no-folder'), join(project, 'to-none'));
    const refusals = new Set<string>();
    for (const cwd of [
      join(folder, 'secret-folder'),
      join(folder, 'no-folder'),
      `${project}/to-secret`,
      `${project}/to-none`,
    ]) {
      const { text } = await parley.send('POST', '/api/sessions', { body: { cwd } });
      refusals.add(JSON.parse(text).message.replaceAll(cwd, 'CWD'));
    }
    expect([...refusals]).toHaveLength(1);
    expect([...refusals].join()).not.toContain('secret-folder');
  },
);

attack(
  'replaces the folder of a session by a link while it runs, and has a patch applied',
  'a patch would be written wherever the link leads',
  async () => {
    const { folder, project } = parley;
    const [cwd, outside] = [join(project, 'swapped'), join(folder, 'outside-1')];
    await mkdir(join(cwd, 'sub'), { recursive: true });
    await writeFile(join(cwd, 'sub', 'file'), 'as it was\n');
    await mkdir(outside);
    await writeFile(join(outside, 'file'), 'as it was\n');
    const session = await parley.createSession({ cwd, agent: 'evil', workspace: 'isolated' });
    await turn(session, 'write');
    await rename(join(cwd, 'sub'), join(cwd, 'moved'));
    await symlink(outside, join(cwd, 'sub'));
    const applied = await parley.send('POST', `${session}/apply_patch`, { body: {} });
    expect(applied.status).toBe(409);
    expect(await readdir(outside)).toEqual(['file']);
    expect(await readFile(join(outside, 'file'), 'utf8')).toBe('as it was\n');
  },
);

attack(
  'has a patch applied, and reverted, to a file that is one with a file outside, by a hard link',
  'a patch would be written into the file outside',
  async () => {
    const { folder, project } = parley;
    const [cwd, outside] = [join(project, 'linked'), join(folder, 'outside-3')];
    await mkdir(join(cwd, 'sub'), { recursive: true });
    await writeFile(outside, 'as it was\n');
    await link(outside, join(cwd, 'sub', 'file'));
    const session = await parley.createSession({ cwd, agent: 'evil', workspace: 'isolated' });
    await turn(session, 'write');
    const { status, text } = await parley.send('POST', `${session}/apply_patch`, { body: {} });
    expect(status).toBe(200);
    expect(await readFile(join(cwd, 'sub', 'file'), 'utf8')).toBe('overwritten\n');
    expect(await readFile(outside, 'utf8')).toBe('as it was\n');
    // Also when the file that landed is one with another by now.
    await link(join(cwd, 'sub', 'file'), `${outside}-too`);
    const { patch_id } = JSON.parse(text);
    expect(await parley.send('POST', `${session}/revert_patch`, { body: { patch_id } })).toMatchObject({ status: 200 });
    expect(await readFile(join(cwd, 'sub', 'file'), 'utf8')).toBe('as it was\n');
    expect(await readFile(`${outside}-too`, 'utf8')).toBe('overwritten\n');
  },
);

attack(
  'has its patch name files outside: absolute, with dots, through links, inside of .git',
  'a patch that somebody applies would write into keys, profiles and hooks',
  async () => {
    const { folder, project } = parley;
    const [cwd, outside] = [join(project, 'patched'), join(folder, 'outside-2')];
    await mkdir(cwd);
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'canary-of-the-file\n');
    await symlink(outside, join(cwd, 'link'));
    const session = await parley.createSession({ cwd, agent: 'evil' });
    await turn(session, `propose ${outside}`);
    const patch = await parley.send('GET', `${session}/patch`);
    expect(patch.text).not.toContain('canary-of-the-file');
    await parley.send('POST', `${session}/apply_patch`, { body: {} });
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('canary-of-the-file\n');
  },
);

attack(
  'puts options and shell syntax into model, config_profile and agent',
  'the agent would run with the options of the attacker, or the shell with its commands',
  async () => {
    const { folder, project } = parley;
    const file = join(folder, 'injected');
    const evil = [
      '--dangerously-skip-permissions',
      '-c',
      `; touch ${file}`,
      `$(touch ${file})`,
      `\`touch ${file}\``,
      `| touch ${file}`,
    ];
    evil.push(
      '../../etc/passwd',
      '/etc/passwd',
      'replay:/etc/passwd',
      '../demo',
      'demo\u0000',
      `demo; touch ${file}`,
      'DEMO ',
      '__proto__',
    );
    for (const text of evil) {
      const agent = await parley.send('POST', '/api/sessions', { body: { cwd: project, agent: text } });
      expect.soft(agent.status, `agent ${text}`).toBe(400);
      for (const name of ['codex', 'claude', 'opencode', 'told', 'demo']) {
        for (const setting of ['model', 'config_profile']) {
          const body = { cwd: project, agent: name, [setting]: text };
          const { status, text: answer } = await parley.send('POST', '/api/sessions', { body });
          expect.soft([201, 400, 502], `${name} ${setting} ${text}: ${answer}`).toContain(status);
          // What starts has been given the text as data: no argument of it.
          if (status === 201) await parley.send('DELETE', `/api/sessions/${JSON.parse(answer).session_id}`);
          expect.soft(answer).not.toContain('root:');
        }
      }
    }
    expect(await readdir(folder)).not.toContain('injected');
  },
);

/** Says one thing and waits until the agent has done it. */
async function turn(session: string, content: string): Promise<void> {
  expect(await parley.send('POST', `${session}/submit`, { body: { type: 'user_message', content } })).toMatchObject({
    status: 200,
  });
  for (let after = 0; ; ) {
    const { text } = await parley.send('GET', `${session}/history?after=${after}`);
    const { items } = JSON.parse(text);
    if (items.some((item: { payload: { type: string } }) => item.payload.type === 'turn_completed')) return;
    after = items.at(-1)?.id ?? after;
  }
}

attack(
  'has git run programs of its own, by settings, attributes and hooks of the project and of the copy',
  'whoever has somebody open a project would run what is in it, with the rights of the server',
  async () => {
    const project = join(parley.project, 'settings');
    const trace = join(parley.folder, 'it-ran');
    const program = join(parley.folder, 'program');
    await mkdir(join(project, '.git', 'hooks'), { recursive: true });
    await writeFile(program, `#!/bin/sh\necho ran >> ${trace}\ncat\n`, { mode: 0o755 });
    const run = promisify(execFile);
    const git = (...args: string[]) => run('git', args, { cwd: project });
    await git('init', '--quiet');
    await writeFile(join(project, 'file.txt'), 'one\n');
    await git('add', '.');
    await git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '--quiet', '--message', 'one');
    const settings = [
      'core.fsmonitor',
      'core.pager',
      'core.sshCommand',
      'core.gitProxy',
      'core.editor',
      'diff.external',
    ];
    settings.push('filter.x.clean', 'filter.x.smudge', 'filter.x.process', 'diff.x.textconv', 'diff.x.command');
    settings.push('merge.x.driver', 'gpg.program', 'credential.helper', 'core.alternateRefsCommand');
    for (const setting of settings) await git('config', setting, program);
    for (const hook of ['post-checkout', 'pre-commit', 'post-commit', 'reference-transaction', 'post-index-change']) {
      await copyFile(program, join(project, '.git', 'hooks', hook));
    }
    await writeFile(join(project, '.gitattributes'), '* filter=x diff=x merge=x\n');
    const session = await parley.createSession({ cwd: project, agent: 'evil', workspace: 'isolated' });
    await parley.send('POST', `${session}/submit`, { body: { type: 'user_message', content: `set ${program}` } });
    const pending = async () => JSON.parse((await parley.send('GET', session)).text).patch?.files.length;
    await expect.poll(pending, { timeout: 30_000 }).toBe(1);
    expect((await parley.send('GET', `${session}/patch`)).status).toBe(200);
    expect((await parley.send('POST', `${session}/apply_patch`, { body: {} })).status).toBe(200);
    expect(await readFile(join(project, 'file.txt'), 'utf8')).toBe('two\n');
    expect(existsSync(trace)).toBe(false);
  },
);
