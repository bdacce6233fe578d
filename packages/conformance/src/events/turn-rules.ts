import { randomUUID } from 'node:crypto';
import type { Rule } from '../rule.js';
import { beginSocket, expectAccepted } from './submit-on-socket.js';

/** Turns that are started, queued, configured and interrupted over the socket. */
export const turnRules: readonly Rule[] = [
  {
    id: 'events/turn',
    level: 'agent',
    title: 'A message starts a turn with the turn_id of its submission_accepted; it ends with one turn_completed.',
    source: 'PROTOCOL.md#it ends with exactly one `turn_completed`',
    promise: 6,
    async run(world) {
      const socket = await beginSocket(world);
      for (const [content, status] of [
        ['/plan', 'completed'],
        ['/refuse', 'refused'],
        ['/crash', 'failed'],
        ['/limit', 'limit_reached'],
      ]) {
        const { turn_id, submission_id } = (await expectAccepted(socket, { type: 'user_message', content })).payload;
        await socket.waitForEvent('turn_started', { turn_id, submission_id });
        await socket.waitForEvent('turn_completed', { turn_id, submission_id, status });
      }
      const ends = socket.events.filter(({ payload }) => payload.type === 'turn_completed');
      if (ends.length !== 4)
        throw socket.broken({ expected: 'four turn_completed of four turns', got: `${ends.length}` });
      socket.cut();
    },
  },
  {
    id: 'events/blocks',
    level: 'agent',
    title: 'A message may be blocks of text, images and links.',
    source: 'openapi.yaml#/components/schemas/UserMessageSubmission',
    async run(world) {
      const socket = await beginSocket(world);
      const content = [
        { type: 'text', text: '/refuse' },
        { type: 'resource_link', uri: 'file:///path/to/project/sort.ts', name: 'sort.ts' },
      ];
      const { turn_id } = (await expectAccepted(socket, { type: 'user_message', content })).payload;
      await socket.waitForEvent('turn_completed', { turn_id });
      socket.cut();
    },
  },
  {
    id: 'events/interrupt',
    level: 'agent',
    title: 'An interrupt ends the running turn as interrupted, and the session accepts the next message.',
    source: 'PROTOCOL.md#**The user interrupts.**',
    promise: 6,
    async run(world) {
      const socket = await beginSocket(world);
      const { turn_id } = (await expectAccepted(socket, { type: 'user_message', content: '/wait' })).payload;
      await socket.waitForEvent('item_started', { turn_id });
      await expectAccepted(socket, { type: 'interrupt', turn_id });
      await socket.waitForEvent('turn_completed', { turn_id, status: 'interrupted' });
      const next = (await expectAccepted(socket, { type: 'user_message', content: '/refuse' })).payload;
      await socket.waitForEvent('turn_completed', { turn_id: next.turn_id, status: 'refused' });
      socket.cut();
    },
  },
  {
    id: 'events/queue',
    level: 'agent',
    title: 'Messages that come while a turn runs are run after it, in order.',
    source: 'PROTOCOL.md#**A message while a turn runs**',
    async run(world) {
      const socket = await beginSocket(world);
      const ids: string[] = ['/wait', '/refuse', '/limit'].map(() => randomUUID());
      for (const [index, content] of ['/wait', '/refuse', '/limit'].entries()) {
        await expectAccepted(socket, { type: 'user_message', content, submission_id: ids[index] });
      }
      await socket.waitForEvent('item_started');
      await expectAccepted(socket, { type: 'interrupt' });
      await socket.waitForEvent('turn_completed', { submission_id: ids[2] });
      const order = socket.events.filter(({ payload }) => /^turn_/.test(String(payload.type)));
      const got = order
        .map(({ payload }) => `${payload.type} ${ids.indexOf(String(payload.submission_id)) + 1}`)
        .join();
      const expected = [1, 2, 3].map((turn) => `turn_started ${turn},turn_completed ${turn}`).join();
      if (got !== expected) throw socket.broken({ expected, got });
      socket.cut();
    },
  },
  {
    id: 'events/configure',
    level: 'agent',
    title: 'An option of the agent can be set over the socket, and every reader sees its new value.',
    source: 'openapi.yaml#/components/schemas/ConfigureSubmission',
    async run(world) {
      const socket = await beginSocket(world);
      await expectAccepted(socket, { type: 'configure', config_id: 'mode', value: 'auto' });
      await socket.waitForEvent('session_updated', { current_mode: 'auto' });
      socket.cut();
    },
  },
];
