import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { Scenario, Step } from './scenario.js';
import { BUILT_IN } from './scenarios/built-in.js';

const DEFAULT = 'sort';
const VERBS = ['think', 'say', 'plan', 'edits', 'run', 'question', 'flood', 'wait_for_cancel', 'stop', 'fail', 'exit'];

/** The scenarios that come with Parley, and those of `extra`: a folder of YAML files, each with `description` and `steps`. */
export async function loadScenarios(extra?: string): Promise<readonly Scenario[]> {
  return extra === undefined ? BUILT_IN : [...BUILT_IN, ...(await loadFolder(extra))];
}

/** The scenario that a prompt names with `/name` at any place; otherwise the default, which implements a sort. */
export function chooseScenario(scenarios: readonly Scenario[], prompt: string): Scenario {
  const names = [...prompt.matchAll(/(?:^|\s)\/([a-z-]+)/g)].map((match) => match[1]);
  const chosen = scenarios.find(({ name }) => names.includes(name)) ?? scenarios.find(({ name }) => name === DEFAULT);
  if (!chosen) throw new Error(`There is no scenario ${DEFAULT}`);
  return chosen;
}

async function loadFolder(folder: string): Promise<Scenario[]> {
  const { default: yaml } = await import('yaml'); // CommonJS: in a bundle `default` is its only export
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  return Promise.all(
    files.map(async (name) => {
      const file = join(folder, name);
      return readScenario(file, yaml.parse(await readFile(file, 'utf8')));
    }),
  );
}

function readScenario(file: string, content: unknown): Scenario {
  const { description, steps } = Object(content) as Partial<Scenario>;
  if (typeof description !== 'string' || !Array.isArray(steps))
    throw new Error(`${file}: expected description and steps`);
  for (const step of steps as readonly object[]) {
    const verbs = Object.keys(step).filter((key) => VERBS.includes(key));
    if (verbs.length !== 1) throw new Error(`${file}: expected one of ${VERBS.join(', ')} in ${JSON.stringify(step)}`);
  }
  return { name: basename(file, '.yaml'), description, steps: steps as readonly Step[] };
}
