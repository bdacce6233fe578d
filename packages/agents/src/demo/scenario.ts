import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse } from 'yaml';

/** A text in the languages that the demo agent answers in; a plain text serves both. */
export type Text = string | { readonly en: string; readonly zh: string };

/** A new content for a file, shown as a diff and written once it is allowed. */
export interface EditStep {
  /** Inside the working directory. */
  readonly path: string;
  readonly content: string;
}

/** One thing that a scenario does. */
export type Step =
  | { readonly think: Text }
  | { readonly say: Text }
  | { readonly plan: readonly { readonly content: Text; readonly status: 'pending' | 'in_progress' | 'completed' }[] }
  | { readonly edits: readonly EditStep[]; readonly allowed?: readonly Step[]; readonly rejected?: readonly Step[] }
  | { readonly run: readonly string[]; readonly ask_first?: boolean; readonly rejected?: readonly Step[] }
  | {
      readonly question: Text;
      readonly fields: Readonly<Record<string, object>>;
      readonly accepted: readonly Step[];
      readonly declined: readonly Step[];
    }
  | { readonly flood: number }
  | { readonly wait_for_cancel: true }
  | { readonly stop: 'refusal' | 'max_tokens' | 'max_turn_requests' }
  | { readonly fail: Text }
  | { readonly exit: number };

/** What the demo agent does in one turn: one YAML file. */
export interface Scenario {
  /** The file's name; `/name` in a prompt chooses it. */
  readonly name: string;
  readonly description: string;
  readonly steps: readonly Step[];
}

const BUILT_IN = fileURLToPath(new URL('../../scenarios', import.meta.url));
const DEFAULT = 'sort';
const VERBS = ['think', 'say', 'plan', 'edits', 'run', 'question', 'flood', 'wait_for_cancel', 'stop', 'fail', 'exit'];

/** Those that come with Parley do not change: demo agents of one process share them. */
let builtIn: Promise<readonly Scenario[]> | undefined;

/** Reads the scenarios that come with Parley, and those of `extra`, a folder of the same kind of files. */
export async function loadScenarios(extra?: string): Promise<readonly Scenario[]> {
  builtIn ??= loadFolder(BUILT_IN).catch((error: unknown) => {
    builtIn = undefined; // perhaps there are no more files to open; the next one tries again
    throw error;
  });
  return extra === undefined ? builtIn : [...(await builtIn), ...(await loadFolder(extra))];
}

/** The scenario that a prompt asks for by `/name`, wherever that stands in it; else the one that implements a sort. */
export function chooseScenario(scenarios: readonly Scenario[], prompt: string): Scenario {
  const names = [...prompt.matchAll(/(?:^|\s)\/([a-z-]+)/g)].map((match) => match[1]);
  const chosen = scenarios.find(({ name }) => names.includes(name)) ?? scenarios.find(({ name }) => name === DEFAULT);
  if (!chosen) throw new Error(`There is no scenario ${DEFAULT}`);
  return chosen;
}

async function loadFolder(folder: string): Promise<Scenario[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  return Promise.all(files.map((file) => loadFile(join(folder, file))));
}

async function loadFile(file: string): Promise<Scenario> {
  const { description, steps } = parse(await readFile(file, 'utf8')) as Partial<Scenario>;
  if (typeof description !== 'string' || !Array.isArray(steps))
    throw new Error(`${file}: expected description and steps`);
  for (const step of steps as readonly object[]) {
    const verbs = Object.keys(step).filter((key) => VERBS.includes(key));
    if (verbs.length !== 1) throw new Error(`${file}: expected one of ${VERBS.join(', ')} in ${JSON.stringify(step)}`);
  }
  return { name: basename(file, '.yaml'), description, steps: steps as readonly Step[] };
}
