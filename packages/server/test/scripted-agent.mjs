#!/usr/bin/env node
// An ACP agent that does what its message says, well or badly: `scripted-agent.mjs resume|load|forget`, how it takes a
// conversation up again. A file `mute` in its folder makes it hang at its start. It writes ACP by hand, to break it.
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [, , taking = 'resume'] = process.argv;
const heardIn = (session) => `heard-${session}`;
let session = '';
let promptId;
let answered = () => undefined;

const encode = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const write = (...messages) => process.stdout.write(messages.map(encode).join(''));
const text = (words) => ({
  method: 'session/update',
  params: {
    sessionId: session,
    update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: words } },
  },
});
const end = (stopReason = 'end_turn') => ({ id: promptId, result: { stopReason } });
const silent = () => setInterval(String, 1_000);

function ask(toolCallId = 'edit') {
  const diff = { type: 'diff', path: `${process.cwd()}/a.txt`, oldText: null, newText: 'written\n' };
  write({
    id: toolCallId,
    method: 'session/request_permission',
    params: {
      sessionId: session,
      toolCall: { toolCallId, title: 'Write a.txt', kind: 'edit', status: 'pending', content: [diff] },
      options: [
        { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
        { optionId: 'no', name: 'No', kind: 'reject_once' },
      ],
    },
  });
  return new Promise((resolve) => {
    answered = ({ result }) => resolve(result?.outcome?.optionId);
  });
}

const prompts = {
  say: (...words) => write(text(words.join(' ')), end()),
  /** Everything that was said to it in this conversation. */
  recall: () => write(text(readFileSync(heardIn(session), 'utf8')), end()),
  /** Silent, until it is told to cancel. */
  wait: () => write(text('waiting')),
  /** Silent, whatever it is told. */
  hang() {
    promptId = undefined;
    write(text('thinking'));
    silent();
  },
  /** A sign of life each so many milliseconds, so many times. */
  async live(times, every) {
    for (let n = 0; n < Number(times); n += 1) {
      write(text(`${n} `));
      await new Promise((resolve) => setTimeout(resolve, Number(every)));
    }
    write(end());
  },
  async ask() {
    const option = await ask();
    if (promptId === undefined) return; // cancelled meanwhile
    if (option === 'yes') writeFileSync('a.txt', 'written\n');
    write(
      {
        method: 'session/update',
        params: {
          sessionId: session,
          update: {
            sessionUpdate: 'tool_call_update',
            toolCallId: 'edit',
            status: option === 'yes' ? 'completed' : 'failed',
          },
        },
      },
      text(`${option}`),
      end(),
    );
  },
  /** Asks, and does nothing with the answer. */
  async 'ask-and-hang'() {
    await ask();
    silent();
  },
  question() {
    const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } };
    write({
      id: 'question',
      method: 'elicitation/create',
      params: { sessionId: session, mode: 'form', message: 'Who?', requestedSchema },
    });
    answered = ({ result }) => promptId !== undefined && write(text(JSON.stringify(result)), end());
  },
  exit(code) {
    process.stderr.write('out of luck\n');
    process.exitCode = Number(code);
    process.stdin.destroy();
  },
  kill: () => process.kill(process.pid, 'SIGKILL'),
  garbage: () => {
    process.stdout.write('Loading plugins…\n\u0000\u0001{]\nnull\n');
    write(text('sense'), end());
  },
  'long-line'(megabytes) {
    const part = 'x'.repeat(1_048_576);
    let left = Number(megabytes);
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!process.stdout.write(part)) return process.stdout.once('drain', more);
      }
      write(end());
    };
    more();
  },
  /** Writes as fast as it is read, until it is ended. */
  flood() {
    promptId = undefined;
    const lines = encode(text('flood ')).repeat(200);
    const more = () => {
      while (process.stdout.write(lines));
      process.stdout.once('drain', more);
    };
    more();
  },
};

const handlers = {
  initialize(id) {
    if (existsSync('mute')) return silent();
    write({
      id,
      result: {
        protocolVersion: 1,
        agentInfo: { name: 'scripted', version: '1.0.0' },
        agentCapabilities: {
          loadSession: taking === 'load',
          sessionCapabilities: taking === 'resume' ? { resume: {} } : {},
        },
      },
    });
  },
  'session/new'(id) {
    session = randomUUID();
    write({ id, result: { sessionId: session } });
  },
  'session/resume'(id, { sessionId }) {
    session = sessionId;
    write({ id, result: {} });
  },
  'session/load'(id, { sessionId }) {
    session = sessionId;
    write(text('what was said before'), { id, result: {} });
  },
  'session/prompt'(id, { prompt: [{ text: message }] }) {
    promptId = id;
    appendFileSync(heardIn(session), `${message}\n`);
    const [name, ...args] = message.split(' ');
    prompts[name](...args);
  },
  'session/cancel'() {
    if (promptId !== undefined) write(end('cancelled'));
    promptId = undefined;
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.method) handlers[message.method]?.(message.id, message.params);
  else answered(message);
});
