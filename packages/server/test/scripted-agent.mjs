#!/usr/bin/env node
// An ACP agent that does what its message says, well or badly: `scripted-agent.mjs resume|load|load-late|forget|able`, how it takes
// a conversation up again (`able`: as `resume`, and it can do everything that ACP has). It writes ACP by hand, so that it can break it.
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// `load-late` answers first and repeats its conversation then.

/**
 * @typedef {object} Stage
 * @property {import('node:stream').Readable} input
 * @property {import('node:stream').Writable} output
 * @property {string} folder where it keeps what it heard; a file `mute` in it makes it hang at its start, and `stiff` keep its mode
 * @property {string} taking
 * @property {(end: number | 'SIGKILL') => void} exit
 * @typedef {{id?: string | number, method?: string, params?: any, result?: any}} Message
 */

const modes = { currentModeId: 'one', availableModes: ['one', 'two'].map((mode) => ({ id: mode, name: mode })) };

/** @param {Stage} stage */
export function playScripted({ input, output, folder, taking, exit }) {
  let session = '';
  let used = 0;
  /** Where it works; it is told so when a conversation begins. */
  let cwd = folder;
  /** What else it was told then. @type {Record<string, unknown>} */
  let surroundings = {};
  /** The request that its turn is answered with; none once it has been. @type {Message['id']} */
  let promptId;
  /** What it does when it is told to cancel, besides ending its turn. */
  let cancelled = () => undefined;
  /** @type {(answer: Message) => void} */
  let answered = () => undefined;

  const heard = () => join(folder, `heard-${session}`);
  const encode = (/** @type {object} */ message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
  const write = (/** @type {object[]} */ ...messages) => {
    if (output.writable) output.write(messages.map(encode).join(''));
  };
  const update = (/** @type {object} */ fields) => ({
    method: 'session/update',
    params: { sessionId: session, update: fields },
  });
  const text = (/** @type {string} */ words) =>
    update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: words } });

  const repeated = (/** @type {string} */ words) =>
    update({ sessionUpdate: 'user_message_chunk', content: { type: 'text', text: words } });
  const message = (/** @type {string} */ messageId, /** @type {string} */ words) =>
    update({ sessionUpdate: 'agent_message_chunk', messageId, content: { type: 'text', text: words } });
  const unfinished = (/** @type {string} */ words, status = 'in_progress') => [
    update({
      sessionUpdate: status === 'completed' ? 'tool_call_update' : 'tool_call',
      toolCallId: 'unfinished',
      ...(status !== 'completed' && { title: 'npm test' }),
      status,
      content: [{ type: 'content', content: { type: 'text', text: `tests ${words}` } }],
    }),
    message('unfinished', words),
  ];

  /** Ends the turn, once. */
  function end(stopReason = 'end_turn') {
    if (promptId !== undefined) write({ id: promptId, result: { stopReason } });
    promptId = undefined;
  }

  /** Asks whether it may write `a.txt`; `no`: the kind of the other option. */
  function ask(no = 'reject_once', newText = 'written\n', /** @type {string | null} */ oldText = null) {
    const content = [{ type: 'diff', path: join(cwd, 'a.txt'), oldText, newText }];
    write({
      id: 'edit',
      method: 'session/request_permission',
      params: {
        sessionId: session,
        toolCall: { toolCallId: 'edit', title: 'Write a.txt', kind: 'edit', status: 'pending', content },
        options: [
          { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
          { optionId: 'no', name: 'No', kind: no },
        ],
      },
    });
    return new Promise((resolve) => {
      answered = ({ result }) => resolve(result?.outcome?.optionId);
    });
  }

  async function askAndWrite(no = 'reject_once', later = false) {
    const option = await ask(no);
    if (promptId === undefined && !later) return; // cancelled meanwhile
    if (option === 'yes') writeFileSync(join(cwd, 'a.txt'), 'written\n');
    const status = option === 'yes' ? 'completed' : 'failed';
    write(update({ sessionUpdate: 'tool_call_update', toolCallId: 'edit', status }), text(`${option}`));
    end();
  }

  /** @type {Record<string, (...args: string[]) => void>} */
  const prompts = {
    say(...words) {
      write(text(words.join(' ')));
      end();
    },
    /** Everything that was said to it in this conversation. */
    recall() {
      write(text(readFileSync(heard(), 'utf8')));
      end();
    },
    /** What its conversation was opened with. */
    surroundings() {
      write(text(JSON.stringify(surroundings)));
      end();
    },
    /** Uses so many tokens, and tells how many it has used so far. */
    count(tokens) {
      used += Number(tokens);
      write(text('done'), { id: promptId, result: { stopReason: 'end_turn', usage: { inputTokens: used } } });
      promptId = undefined;
    },
    /** Tells what the session has cost so far, and goes on until it is told to cancel; `ask`: asks something before. */
    cost(amount, before) {
      if (before === 'ask') void ask();
      const cost = { amount: Number(amount), currency: 'USD' };
      write(text('working'), update({ sessionUpdate: 'usage_update', used: 1, size: 2, cost }));
    },
    /** Silent, until it is told to cancel. */
    wait: () => write(text('waiting')),
    /** Silent, whatever it is told. */
    hang() {
      promptId = undefined;
      write(text('thinking'));
    },
    /** A sign of life each so many milliseconds, so many times. */
    async live(times, every) {
      for (let n = 0; n < Number(times); n += 1) {
        write(text(`${n} `));
        await new Promise((resolve) => setTimeout(resolve, Number(every)));
      }
      end();
    },
    ask: () => askAndWrite(),
    /** Writes `a.txt` without a question, as agents do in a copy. */
    write(...words) {
      writeFileSync(join(cwd, 'a.txt'), `${words.join(' ')}\n`);
      end();
    },
    /** Asks, and takes no other no than one for good. */
    'ask-for-good': () => askAndWrite('reject_always'),
    /** Asks whether it may write so many bytes, and tells whether it could. */
    async 'ask-much'(bytes) {
      const much = 'x'.repeat(Number(bytes));
      await ask('reject_once', much);
      let status = 'completed';
      try {
        writeFileSync(join(cwd, 'a.txt'), much);
      } catch {
        status = 'failed';
      }
      write(update({ sessionUpdate: 'tool_call_update', toolCallId: 'edit', status }));
      end();
    },
    /** Says something after the end of its turn, so many times, one each so many milliseconds. */
    async later(times = '1', every = '1') {
      write(text('soon'));
      end();
      for (let n = 0; n < Number(times); n += 1) {
        await new Promise((resolve) => setTimeout(resolve, Number(every)));
        write(text(`later ${n}. `));
      }
    },
    /** Says something right behind the end of its turn, which comes late enough for another message to wait. */
    trail() {
      setTimeout(() => {
        write(text('soon'), { id: promptId, result: { stopReason: 'end_turn' } }, text('right behind'));
        promptId = undefined;
      }, 50);
    },
    /** Ends its turn, and then asks like `ask`. */
    'ask-later'() {
      end();
      setImmediate(() => void askAndWrite('reject_once', true));
    },
    /** Leaves a message and a tool call open at its end; see `late`. */
    open() {
      write(...unfinished('in the first turn'));
      end();
    },
    /** Goes on with what `open` has left, between two messages of its own. */
    late() {
      write(message('new', 'begin'), ...unfinished('too late', 'completed'), text('also too late'));
      write(message('new', ' and end'));
      end();
    },
    /** Ends its turn, and then its process. */
    'exit-later'(code) {
      end();
      write(text('last words'));
      setImmediate(() => exit(Number(code)));
    },
    /** Asks, and does nothing with the answer. */
    'ask-and-hang': () => void ask(),
    /** Writes what it was allowed to, and says nothing of it until it is told to cancel; `not`: writes nothing. */
    async 'write-silently'(not) {
      const option = await ask();
      if (option === 'yes' && not === undefined) writeFileSync(join(cwd, 'a.txt'), 'written\n');
    },
    /** Asks to put one word for another in `a.txt`, which it reads and writes as UTF-8, whatever it is. */
    async 'replace-word'(before = '', after = '') {
      const whole = readFileSync(join(cwd, 'a.txt'), 'utf8');
      const option = await ask('reject_once', after, before);
      if (option === 'yes') writeFileSync(join(cwd, 'a.txt'), whole.replace(before, after));
      write(update({ sessionUpdate: 'tool_call_update', toolCallId: 'edit', status: 'completed' }));
      end();
    },
    /** Asks for two edits at once, and writes each that it may. */
    two() {
      const files = ['a.txt', 'b.txt'];
      const left = new Set(files);
      const content = (/** @type {string} */ file) => [
        { type: 'diff', path: join(cwd, file), oldText: null, newText: 'written\n' },
      ];
      const options = [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }];
      for (const file of files) {
        const toolCall = { toolCallId: file, title: file, kind: 'edit', status: 'pending', content: content(file) };
        const params = { sessionId: session, toolCall, options };
        write({ id: file, method: 'session/request_permission', params });
      }
      answered = ({ id, result }) => {
        const file = String(id);
        if (result?.outcome?.optionId === 'yes') writeFileSync(join(cwd, file), 'written\n');
        write(update({ sessionUpdate: 'tool_call_update', toolCallId: file, status: 'completed' }));
        left.delete(file);
        if (left.size === 0) end();
      };
    },
    /** Asks, and tells what it was told, also after it was told to cancel. */
    async 'ask-and-tell'() {
      const id = promptId;
      promptId = undefined;
      const option = await ask();
      write(text(option ?? 'cancelled'), { id, result: { stopReason: 'cancelled' } });
    },
    /** Asks which of two it is to do, as a request for permission; with `no`, it can be rejected too. */
    choose(no) {
      const options = ['left', 'right'].map((way) => ({ optionId: way, name: way, kind: 'allow_once' }));
      if (no) options.push({ optionId: 'no', name: 'No', kind: 'reject_once' });
      const toolCall = { toolCallId: 'choice', title: 'Which way?', status: 'pending' };
      write({ id: 'choice', method: 'session/request_permission', params: { sessionId: session, toolCall, options } });
      answered = ({ result }) => {
        write(text(result?.outcome?.optionId ?? 'cancelled'));
        end();
      };
    },
    /** Asks whether it may do what is given as JSON, and tells the answer. */
    request(...json) {
      const toolCall = { toolCallId: 'call', title: 'call', status: 'pending', ...JSON.parse(json.join(' ')) };
      const options = ['allow_once', 'reject_once'].map((kind) => ({ optionId: kind, name: kind, kind }));
      write({ id: 'call', method: 'session/request_permission', params: { sessionId: session, toolCall, options } });
      answered = ({ result }) => {
        write(text(result?.outcome?.optionId ?? 'cancelled'));
        end();
      };
    },
    /** Edits twice, and asks nobody. */
    'edit-unasked'() {
      for (const toolCallId of ['one', 'two']) {
        writeFileSync(join(cwd, 'a.txt'), `${toolCallId}\n`);
        const call = { sessionUpdate: 'tool_call', toolCallId, title: 'Write a.txt', kind: 'edit' };
        write(update({ ...call, status: 'completed' }));
      }
      end();
    },
    /** Asks when it is told to cancel. */
    'ask-when-cancelled'() {
      const id = promptId;
      promptId = undefined;
      write(text('waiting'));
      cancelled = () => void ask().then(() => write({ id, result: { stopReason: 'cancelled' } }));
    },
    question() {
      const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } };
      const params = { sessionId: session, mode: 'form', message: 'Who?', requestedSchema };
      write({ id: 'question', method: 'elicitation/create', params });
      answered = ({ result }) => {
        write(text(JSON.stringify(result)));
        end();
      };
    },
    exit: (code) => exit(Number(code)),
    kill: () => exit('SIGKILL'),
    garbage() {
      output.write('Loading plugins…\n\u0000\u0001{]\nnull\n');
      write(text('sense'));
      end();
    },
    'long-line'(megabytes) {
      let left = Number(megabytes);
      const more = () => {
        for (; left > 0; left -= 1) if (!output.write('x'.repeat(1_048_576))) return output.once('drain', more);
        end();
      };
      more();
    },
    /** Writes as fast as it is read, until it is ended. */
    flood() {
      promptId = undefined;
      const lines = encode(text('flood ')).repeat(200);
      const more = () => {
        while (output.write(lines));
        output.once('drain', more);
      };
      more();
    },
  };

  /** @type {Record<string, (id: Message['id'], params: any) => void>} */
  const handlers = {
    initialize(id) {
      if (existsSync(join(folder, 'mute'))) return;
      const resume = taking === 'resume' || taking === 'able' ? { resume: {} } : {};
      const able = { additionalDirectories: {}, close: {} };
      const agentCapabilities = {
        loadSession: taking.startsWith('load'),
        sessionCapabilities: { ...resume, ...(taking === 'able' && able) },
        ...(taking === 'able' && { mcpCapabilities: { http: true }, promptCapabilities: { image: true } }),
      };
      const agentInfo = { name: 'scripted', version: '1.0.0' };
      const _meta = taking === 'able' ? { steering: { supported: true } } : {};
      write({ id, result: { protocolVersion: 1, agentInfo, agentCapabilities, _meta } });
    },
    'session/new'(id, params) {
      session = randomUUID();
      ({ cwd, ...surroundings } = params);
      write({ id, result: { sessionId: session, modes } });
    },
    'session/resume'(id, params) {
      ({ cwd, sessionId: session, ...surroundings } = params);
      write({ id, result: { modes } });
    },
    'session/load'(id, params) {
      session = params.sessionId;
      cwd = params.cwd;
      const before = [repeated('what was asked before'), text('what was said before'), ...unfinished('before')];
      if (taking === 'load') return write(...before, { id, result: { modes } });
      write({ id, result: { modes } });
      // In pieces, and for longer than the silence that ends it.
      for (let n = 1; n <= 8; n += 1) setTimeout(() => write(...before), n * 90);
    },
    'session/set_mode'(id) {
      if (existsSync(join(folder, 'stiff'))) write({ id, error: { code: -32602, message: 'no other mode' } });
      else write({ id, result: {} });
    },
    'session/prompt'(id, { prompt }) {
      promptId = id;
      const said = String(prompt[0].text);
      appendFileSync(heard(), `${said}\n`);
      const [name = '', ...args] = said.split(' ');
      prompts[name]?.(...args);
    },
    'session/close'(id, params) {
      writeFileSync(join(folder, 'closed'), params.sessionId);
      write({ id, result: {} });
    },
    /** Takes a message into its turn, unless it is `late`; `mute`: says nothing
     * about it; `end`: ends its turn besides; `slow`: says so when it is told to cancel; `die`: ends instead. */
    '_session/steering'(id, { prompt }) {
      const said = String(prompt[0].text);
      if (said === 'mute') return;
      if (said === 'end') return end();
      if (said === 'slow') {
        cancelled = () => void write({ id, result: { outcome: 'injected' } });
        return;
      }
      if (said === 'die') return exit(3);
      const outcome = promptId === undefined || said.startsWith('late') ? 'promptRequired' : 'injected';
      if (outcome === 'injected') write(text(`steered: ${said}`));
      write({ id, result: { outcome } });
      if (said === 'stop') end();
    },
    'session/cancel'() {
      end('cancelled');
      cancelled();
    },
  };

  createInterface({ input }).on('line', (line) => {
    /** @type {Message} */
    const { method, id, params, ...answer } = JSON.parse(line);
    if (method) handlers[method]?.(id, params);
    else answered({ id, ...answer });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  playScripted({
    input: process.stdin,
    output: process.stdout,
    folder: process.cwd(),
    taking: process.argv[2] ?? 'resume',
    exit(code) {
      if (code === 'SIGKILL') process.kill(process.pid, code);
      process.stderr.write('out of luck\n');
      process.exitCode = Number(code);
      process.stdin.destroy();
    },
  });
}
