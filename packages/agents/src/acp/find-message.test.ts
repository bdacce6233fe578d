import { expect, test } from 'vitest';
import { findMessage } from './find-message.js';

const message = { jsonrpc: '2.0', id: 1, result: { text: 'a } and a {' } };
const json = JSON.stringify(message);

test.each(['', '\ufeff', '\u001b[?25h', 'Loading {"jsonrpc": soon} ', '[1] ', '{ "id": '])(
  '%j before a message is passed over',
  (noise) => {
    expect(findMessage(`${noise}${json}`)).toEqual(message);
  },
);

test('so is what follows it', () => {
  expect(findMessage(`${json}\u001b[0m`)).toEqual(message);
});

test.each(['', 'Loading plugins', '[1,2]', 'null', '{]', '{"level":"info"'])('%j is no message', (line) => {
  expect(findMessage(line)).toBeUndefined();
});

test('a message that cannot be read is an error that shows its beginning', () => {
  expect(() => findMessage(json.slice(0, -3))).toThrow(/cannot be read: "\{\\"jsonrpc/);
});

test('a message with half a million values is not read, one with as many commas in its texts is', () => {
  const withParams = (params: string) => `{"jsonrpc":"2.0","method":"x","params":${params}}`;
  expect(() => findMessage(withParams(`[${'1,'.repeat(500_000)}1]`))).toThrow(/cannot be read/);
  expect(findMessage(withParams(`["\\\\\\"${',:'.repeat(500_000)}"]`))).toMatchObject({ method: 'x' });
  expect(findMessage(withParams(`[${'1,'.repeat(400_000)}1]`))).toMatchObject({ method: 'x' });
});
