import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isInside } from '../roots.js';
import type { Git } from './git.js';
import { readProjectFile } from './project-file.js';
import type { Repository } from './repository.js';

/** A setting: its full name, such as `filter.lfs.clean`, and its value. One character for each byte. */
export type Setting = readonly [name: string, value: string];

/** Files of settings that one repository may include, so that they end. */
const MAX_FILES = 32;

/**
 * Reads the settings of the user's repository itself, without those of the user and the system. Git gets the text of its files
 * and opens none of them: whatever a project names is read only if it is a file inside of the project, and no link. Included files
 * count where they are included; those with a condition do not.
 */
export async function readSettings(git: Git, { top, gitDir, commonDir }: Repository): Promise<Setting[]> {
  let left = MAX_FILES;

  async function read(path: string): Promise<Setting[]> {
    left -= 1;
    const text = left < 0 ? undefined : await readProjectFile(path);
    if (text === undefined) return [];
    const { stdout } = await git.run(['config', '--file', '-', '--no-includes', '--list', '-z'], {
      cwd: '/',
      input: text,
    });
    const settings: Setting[] = [];
    for (const setting of stdout.toString('latin1').split('\0').slice(0, -1).map(settingOf)) {
      settings.push(setting);
      if (setting[0] !== 'include.path') continue;
      const included = resolve(dirname(path), Buffer.from(setting[1], 'latin1').toString());
      // Without this: reads for an agent what a repository includes
      if (isInside(top, included) || isInside(commonDir, included)) settings.push(...(await read(included)));
    }
    return settings;
  }

  const settings = await read(join(commonDir, 'config'));
  const isPerWorkTree = new Map(settings).get('extensions.worktreeconfig') === 'true';
  return isPerWorkTree ? [...settings, ...(await read(join(gitDir, 'config.worktree')))] : settings;
}

/** Writes the settings of a repository. */
export async function writeSettings(gitDir: string, settings: Iterable<Setting>): Promise<void> {
  const lines = [...settings].map(([name, value]) => {
    const [, section = '', inner, key = ''] = /^([^.]+)(?:\.(.*))?\.([^.]+)$/s.exec(name) ?? [];
    const title = inner === undefined ? section : `${section} ${quoted(inner)}`;
    return `[${title}]\n\t${key} = ${quoted(value)}\n`;
  });
  await writeFile(join(gitDir, 'config'), Buffer.from(lines.join(''), 'latin1'));
}

function settingOf(entry: string): Setting {
  const end = entry.indexOf('\n');
  return end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
}

function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
