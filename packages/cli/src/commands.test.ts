import { Command, Help } from 'commander';
import { expect, test, vi } from 'vitest';
import { COMMANDS } from './commands.js';
import { createProgram } from './create-program.js';

test.each(COMMANDS)('help shows $name as it takes its options and arguments', async ({ name, synopsis, load }) => {
  const command = new Command(name);
  (await load())(command);
  expect(synopsis).toBe(new Help().subcommandTerm(command));
});

test('help lists every command with what it does, and then itself', () => {
  const help = createProgram().helpInformation().replace(/\s+/g, ' ');
  const listed = COMMANDS.map(({ synopsis, description }) => `${synopsis} ${description}`);
  expect(help).toContain(`Commands: ${listed.join(' ')} help [command] display help for command`);
});

test.each([
  ['help', 'run'],
  ['run', '--help'],
])('parley %s %s shows the options of a command', async (...argv) => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await expect(createProgram().parseAsync(argv, { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
    const shown = write.mock.calls.map(([text]) => text).join('');
    expect(shown).toMatch(/^Usage: parley run \[options\] \[message\]\n/);
    expect(shown).toContain('--isolated');
  } finally {
    write.mockRestore();
  }
});
