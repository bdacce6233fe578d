import { expect, it } from 'vitest';
import { createPlainReader, createSocketIoReader } from './frame-readers.mjs';

it('takes the first plain frame for the greeting, and a heartbeat for nothing', () => {
  const reader = createPlainReader();
  const read = (text: string) => String(reader.read(Buffer.from(text), () => undefined));
  expect(read('{"type":"connection_ack"}')).toBe('greeting');
  expect(read('{"type":"event","id":1}')).toBe('{"type":"event","id":1}');
  expect(read('{"type":"heartbeat"}')).toBe('undefined');
});

it('speaks as much of Socket.IO as it takes to read events and to recover', () => {
  const said: string[] = [];
  const reader = createSocketIoReader({ pid: 'p0', offset: 'o0' });
  const read = (text: string) => String(reader.read(Buffer.from(text), (answer) => said.push(answer)));
  expect(read('0{"sid":"s"}')).toBe('undefined');
  expect(read('42["event",{"text":"a, b"},"o1"]')).toBe('{"text":"a, b"}');
  expect(read('40{"sid":"s","pid":"p1"}')).toBe('greeting');
  expect(read('2')).toBe('undefined');
  expect(said).toEqual(['40{"pid":"p0","offset":"o0"}', '3']);
  expect(reader.whereToRecover()).toEqual({ pid: 'p1', offset: 'o1' });
});
