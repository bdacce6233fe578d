import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';

import { expect, onTestFinished, test } from 'vitest';

import { createDemoAgent } from './demo-agent.js';
import { invalidParams, type Methods, type Peer, serveMethods } from './json-rpc.js';
import { loadScenarios } from './scenarios.js';
import { createSessionStore } from './session-store.js';

function open(methods: Methods) {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = serveMethods(input, output, methods);
  onTestFinished(() => void input.end());
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  return {
    served,
    end: () => input.end(),
    print: (line: string) => void input.write(`${line}\n`),
    say: (message: object) => void input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    heard: async () => JSON.parse(String((await lines.next()).value)),
  };
}

test.each([
  ['what is no JSON', 'Hello', { id: null, error: { code: -32700 } }],
  ['a batch', '[]', { id: null, error: { code: -32600 } }],
  ['a method that there is not', '{"id":"a","method":"toString"}', { id: 'a', error: { code: -32601 } }],
  ['a method that refuses', '{"id":1,"method":"refuse"}', { id: 1, error: { code: -32602, data: { why: 'not' } } }],
  ['a method that fails', '{"id":2,"method":"fail"}', { id: 2, error: { code: -32603, data: { details: 'a bug' } } }],
  ['a method without a result', '{"id":0,"method":"nothing"}', { id: 0, result: null }],
])('answers %s', async (_, line, answer) => {
  const peer = open({
    requests: {
      refuse() {
        throw invalidParams({ why: 'not' });
      },
      async fail() {
        throw new Error('a bug');
      },
      nothing: () => undefined,
    },
    notifications: {},
  });
  peer.print('');
  peer.print(line);
  expect(await peer.heard()).toMatchObject({ jsonrpc: '2.0', ...answer });
});

test('asks its peer, takes answers in any order, and hears notifications meanwhile', async () => {
  const heard: unknown[] = [];
  const peer = open({
    requests: { ask: (params, client) => client.request('question', params) },
    notifications: { tell: ({ text }) => void heard.push(text) },
  });
  for (const id of ['a', 'b']) peer.say({ id, method: 'ask', params: { of: id } });
  const [first, second] = [await peer.heard(), await peer.heard()];
  expect([first.params, second.params]).toEqual([{ of: 'a' }, { of: 'b' }]);
  peer.say({ method: 'tell', params: { text: 'hello' } });
  peer.say({ method: 'unknown' });
  peer.say({ id: 77, result: 'nobody asked' });
  peer.say({ id: second.id, result: 2 });
  peer.say({ id: first.id, error: { code: 7, message: 'no', data: 'at all' } });
  expect(await peer.heard()).toMatchObject({ id: 'b', result: 2 });
  expect(await peer.heard()).toMatchObject({ id: 'a', error: { code: 7, message: 'no', data: 'at all' } });
  expect(heard).toEqual(['hello']);
});

test('ends with its peer: what it has asked and what it would say is rejected', async () => {
  let client: Peer | undefined;
  let asked: Promise<unknown> | undefined;
  const peer = open({
    requests: {
      ask(_, one) {
        client = one;
        asked = one.request('question', {});
        return asked;
      },
    },
    notifications: {},
  });
  peer.say({ id: 1, method: 'ask' });
  expect(await peer.heard()).toMatchObject({ method: 'question' });
  peer.end();
  await expect(asked).rejects.toThrow('The client is gone');
  await peer.served;
  await expect(client?.notify('late', {})).rejects.toThrow('The client is gone');
});

test('the demo agent says what a request of ACP lacks', async () => {
  const exit = () => Promise.reject(new Error('the demo agent may not end'));
  const options = { paceMs: 0, env: {}, store: createSessionStore(undefined), exit };
  const peer = open(createDemoAgent({ scenarios: await loadScenarios(), ...options }));
  peer.say({ id: 1, method: 'session/new', params: { cwd: '/' } });
  expect(await peer.heard()).toMatchObject({ error: { code: -32600, message: expect.stringContaining('initialize') } });
  peer.say({ id: 2, method: 'initialize', params: { protocolVersion: 1 } });
  expect(await peer.heard()).toMatchObject({ id: 2, result: { protocolVersion: 1 } });
  peer.say({ id: 3, method: 'session/new', params: { cwd: 7 } });
  expect(await peer.heard()).toMatchObject({ id: 3, error: { code: -32602, data: { cwd: 'expected a text' } } });
  peer.say({ id: 4, method: 'session/prompt', params: { sessionId: 'none', prompt: [] } });
  expect(await peer.heard()).toMatchObject({ id: 4, error: { code: -32002, data: { sessionId: 'none' } } });
  peer.say({ id: 5, method: 'session/resume', params: { sessionId: 'old', cwd: '/' } });
  expect(await peer.heard()).toMatchObject({ id: 5, result: { modes: { currentModeId: 'ask' } } });
  expect(await peer.heard()).toMatchObject({ method: 'session/update' });
  peer.say({ id: 6, method: 'session/prompt', params: { sessionId: 'old', prompt: 'no list' } });
  expect(await peer.heard()).toMatchObject({ id: 6, error: { code: -32602 } });
});
