import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strictEvent } from '@parleyhq/contract';
import { describe, expect, test } from 'vitest';

import { replayed, temporaryFolder } from '../../test/cassettes.js';
import { message, notices, open, recorder, said } from '../../test/open-fixture.js';
import type { Agent } from '../agent.js';
import { createSecretRemover } from './secrets.js';

const TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';
const before = 'export function sort(values: number[]): number[] {\n  return values;\n}\n';
const after = 'export function sort(values: number[]): number[] {\n  return [...values].sort((a, b) => a - b);\n}\n';

describe.each(['codex', 'claude'])('the cassette of %s that comes with the package', (name) => {
  const file = fileURLToPath(new URL(`../../cassettes/${name}.jsonl`, import.meta.url));

  test('plays the conversation that was held with it, in events that fit the contract', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'sort.ts'), before);
    let answer: string | undefined = 'allow_once';
    let agent: Agent | undefined;
    const { events, handler } = recorder({
      async requestPermission({ options }) {
        if (answer === undefined) await agent?.cancel();
        const option = options.find(({ kind }) => kind === answer);
        return option ? { outcome: 'selected', optionId: option.option_id } : { outcome: 'cancelled' };
      },
    });
    await using opened = await open(replayed(file), { cwd, handler });
    agent = opened;
    const play = async (prompt: string) => (await opened.prompt(message(prompt, TURN))).status;

    expect(await play('Please implement a sort function.')).toBe('completed');
    expect(await readFile(join(cwd, 'sort.ts'), 'utf8')).toBe(after);
    expect(await play('Write it down, please.')).toBe('completed');
    expect(await readFile(join(cwd, 'NOTES.md'), 'utf8')).toBe('# Sort\n\nSmallest first.\n');
    answer = 'reject_once';
    expect(await play('Forget the function.')).toBe(name === 'codex' ? 'interrupted' : 'completed');
    answer = 'allow_once';
    expect(await play('How long is it?')).toBe('completed');
    answer = undefined;
    expect(await play('And backwards?')).toBe('interrupted');

    expect(await readFile(join(cwd, 'sort.ts'), 'utf8')).toBe(after);
    expect(said(events)).toContain('Done: sort() sorts now.');
    expect(JSON.stringify(events)).toContain('3 sort.ts');
    expect(notices(events)).toEqual([]);
    for (const event of events) expect(strictEvent(event)).toMatchObject({ ok: true });
  });

  test('holds no secret and no folder of the machine that it was recorded on', async () => {
    const text = await readFile(file, 'utf8');
    expect(createSecretRemover({}).remove(text)).toBe(text);
    expect(text.match(/(?<![\w.}])\/(?:home|root|tmp|usr|var|work|private|Users)\b[^"]*/g)).toBeNull();
    expect(text).not.toMatch(/localhost|127\.0\.0\.1/);
  });
});
