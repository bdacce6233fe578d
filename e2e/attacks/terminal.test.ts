import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { afterAll, beforeAll, expect } from 'vitest';
import { PARLEY } from '../shared/serve.js';
import { attack } from './attack.js';
import { type Parley, startParley } from './parley-process.js';

let parley: Parley;

beforeAll(async () => {
  const agent = { name: 'evil', command: process.execPath, args: [join(import.meta.dirname, 'evil-agent.mjs')] };
  parley = await startParley({ config: { agents: [agent] } });
});
afterAll(() => parley.end());

/** Runs the command in a terminal and presses n once that shows this. Resolves with what the terminal shows at the end. */
async function readInTerminal(args: readonly string[], asked: string): Promise<string[]> {
  const cols = 100;
  const terminal = new xterm.Terminal({ cols, rows: 100, allowProposedApi: true });
  const { active } = terminal.buffer;
  const shown = () =>
    Array.from({ length: active.length }, (_, index) => active.getLine(index)?.translateToString(true) ?? '');
  const env = { PATH: process.env.PATH, HOME: parley.folder, PARLEY_TOKEN: parley.token, TERM: 'xterm-256color' };
  const command = spawn(process.execPath, [PARLEY, ...args], { cwd: parley.project, env, cols, rows: 100 });
  let pressed = false;
  command.onData((data) =>
    terminal.write(data, () => {
      if (pressed || !shown().some((line) => line.includes(asked))) return;
      pressed = true;
      command.write('n');
    }),
  );
  await new Promise<void>((resolve) => command.onExit(() => terminal.write('', resolve)));
  return shown();
}

attack(
  'hides lines of a patch from the person who is asked about it: overdrawn, in escape sequences, turned around',
  'a person would consent to what is not on the screen, and the shell would run it',
  async () => {
    const url = `http://127.0.0.1:${parley.port}`;
    const args = ['run', '--server', url, '--cwd', parley.project, '--agent', 'evil', '--isolated', 'hide'];
    const shown = await readInTerminal(args, 'Apply this patch?');
    expect(shown).toContain('+touch owned␍# prints the version');
    expect(shown).toContain('+echo <U+001B>]0;touch owned;<U+0007>');
    expect(shown).toContain('+x=<U+202E>"txt"');
    expect(shown).toContain('+ok   touch owned');
    expect(shown.some((line) => line.startsWith('+++') && line.endsWith('[2K.sh"'))).toBe(true);
  },
);

attack(
  'speaks, as a server that is held to the contract, to the terminal and the CI that show the report',
  'the clipboard of a person, and the variables and secrets of a job, would be its own',
  async () => {
    const evil = '\u001b]52;c;ZXZpbA==\u0007\u009b2J\u202e\n::add-mask::x\r\n  ::set-output name=a::b\n##[add-mask]c';
    const server = createServer((_, response) => void response.writeHead(403).end(evil)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { PATH: process.env.PATH, HOME: parley.folder, PARLEY_TOKEN: parley.token };
    for (const report of ['text', 'github', 'junit', 'html', 'json']) {
      const args = ['verify', url, '--cwd', parley.project, '--rule', 'rest/health', '--report', report];
      const printed = await new Promise<string>((resolve) =>
        execFile(process.execPath, [PARLEY, ...args], { env }, (_, stdout, stderr) => resolve(stdout + stderr)),
      );
      expect.soft(printed, report).toContain('ZXZpbA==');
      expect.soft(printed, report).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
      expect.soft(printed, report).not.toMatch(/^\s*::(add-mask|set-output)|##\[/m);
    }
    server.close();
  },
);
