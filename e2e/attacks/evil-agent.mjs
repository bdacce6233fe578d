import { once } from 'node:events';
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// An agent that speaks ACP without a library and does what a prompt says: `write` writes into a folder of its working
// directory, `propose FOLDER` proposes edits outside of it, `hide` writes lines that a terminal would not show, and
// `ask COUNT SIZE` asks at once for so many edits of that size, `show COUNT SIZE` for so many calls that show a text of it,
// `deaf COUNT SIZE` asks for what it is not given, with ids of that size, and reads no answer, `set PROGRAM` has git of its copy run a
// program, `end REASON` gives a reason for the end of its turn, `fail SIZE` one of that size for its failure.

let cwd = '';
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') reply(id, { protocolVersion: 1, agentCapabilities: {} });
  else if (method === 'session/new') {
    cwd = params.cwd;
    reply(id, { sessionId: 'evil' });
  } else if (method === 'session/prompt') play(id, params.prompt[0].text.split(' '));
}

/**
 * @param {unknown} id
 * @param {string[]} words
 */
function play(id, [what = '', folder = '', size = '']) {
  if (what === 'ask') {
    return ask(Number(folder), Number(size), (n, text) => ({
      type: 'diff',
      path: join(cwd, `${n}.txt`),
      oldText: null,
      newText: text,
    }));
  }
  if (what === 'show') {
    return ask(Number(folder), Number(size), (_, text) => ({ type: 'content', content: { type: 'text', text } }));
  }
  if (what === 'deaf') return void askDeafly(id, Number(folder), Number(size));
  if (what === 'set') {
    // What git of the copy would run.
    const settings = ['core.fsmonitor', 'diff.external', 'filter.x.clean', 'filter.x.smudge', 'filter.x.process'];
    appendFileSync(join(cwd, '.git', 'config'), settings.map((name) => toSetting(name, folder)).join(''));
    mkdirSync(join(cwd, '.git', 'hooks'), { recursive: true });
    for (const hook of ['reference-transaction', 'post-index-change', 'post-checkout']) {
      copyFileSync(folder, join(cwd, '.git', 'hooks', hook));
    }
    writeFileSync(join(cwd, 'file.txt'), 'two\n');
  }
  if (what === 'end') return reply(id, { stopReason: folder });
  if (what === 'fail') return send({ id, error: { code: -32603, message: 'x'.repeat(Number(folder)) } });
  if (what === 'write') {
    mkdirSync(join(cwd, 'sub'), { recursive: true });
    writeFileSync(join(cwd, 'sub', 'file'), 'overwritten\n');
    writeFileSync(join(cwd, 'sub', 'new'), 'written\n');
  }
  if (what === 'hide') {
    const lines = [
      'touch owned\r# prints the version',
      'echo \u001b]0;touch owned;\u0007',
      'x=\u202e"txt"',
      'ok   touch owned',
    ];
    writeFileSync(join(cwd, 'build\u001b[2K.sh'), `${lines.join('\n')}\n`);
  }
  if (what === 'propose') {
    const up = `${cwd}/../../outside-2/secret`;
    const paths = [
      `${folder}/secret`,
      up,
      '../../outside-2/secret',
      join(cwd, 'link/secret'),
      'link/new',
      '.git/hooks/x',
    ];
    for (const [index, path] of paths.entries()) {
      const content = [{ type: 'diff', path, oldText: null, newText: 'overwritten\n' }];
      const update = {
        sessionUpdate: 'tool_call',
        toolCallId: `t${index}`,
        title: 'Edit',
        kind: 'edit',
        status: 'pending',
        content,
      };
      send({ method: 'session/update', params: { sessionId: 'evil', update } });
    }
  }
  reply(id, { stopReason: 'end_turn' });
}

/**
 * The turn goes on until these are answered.
 *
 * @param {number} count
 * @param {number} size
 * @param {(n: number, text: string) => object} show what each of them shows
 */
function ask(count, size, show) {
  const options = [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }];
  for (let n = 0; n < count; n += 1) {
    const content = [show(n, `${n}`.padEnd(size, 'x'))];
    const toolCall = { toolCallId: `a${n}`, title: 'Edit', kind: 'edit', status: 'pending', content };
    send({ id: `a${n}`, method: 'session/request_permission', params: { sessionId: 'evil', toolCall, options } });
  }
}

/**
 * @param {unknown} id
 * @param {number} count
 * @param {number} size
 */
async function askDeafly(id, count, size) {
  process.stdin.pause();
  for (let n = 0; n < count; n += 1) {
    const asked = JSON.stringify({ jsonrpc: '2.0', id: `${n}`.padEnd(size, 'x'), method: 'fs/read_text_file' });
    if (!process.stdout.write(`${asked}\n`)) await once(process.stdout, 'drain');
  }
  reply(id, { stopReason: 'end_turn' });
}

/**
 * @param {unknown} id
 * @param {object} result
 */
function reply(id, result) {
  send({ id, result });
}

/** @param {object} message */
function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

/**
 * @param {string} name
 * @param {string} program
 */
function toSetting(name, program) {
  const [section, ...rest] = name.split('.');
  const variable = rest.pop();
  return `[${section}${rest.length > 0 ? ` "${rest.join('.')}"` : ''}]\n\t${variable} = ${program}\n`;
}
