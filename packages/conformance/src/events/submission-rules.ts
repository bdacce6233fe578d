import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { MAX_QUEUED } from '../rest/turn-rules.js';
import type { Rule } from '../rule.js';
import { openSocket } from './event-socket.js';
import { beginSocket, expectAccepted, expectError } from './submit-on-socket.js';

/** Submissions over the socket: how they are answered and refused, and which of two answers counts. */
export const submissionRules: readonly Rule[] = [
  {
    id: 'events/submission',
    level: 'core',
    title: 'A submission is answered by its submission_accepted, which carries it unchanged.',
    source: 'PROTOCOL.md#A `submission` has no answer frame of its own',
    promise: 1,
    async run(world) {
      const socket = await beginSocket(world);
      await expectAccepted(socket, { type: 'interrupt', metadata: { from: 'kit', text: '排序 \u2028 👩‍💻' } });
      const { submission_id } = (await expectAccepted(socket, { type: 'interrupt' })).payload;
      if (typeof submission_id !== 'string')
        throw socket.broken({ expected: 'a submission_id', got: `${submission_id}` });
      socket.cut();
    },
  },
  {
    id: 'events/duplicate-submission',
    level: 'core',
    title: "A submission_id that was accepted before gets DuplicateSubmission, with the first one's event_id.",
    source: 'PROTOCOL.md#`submission_id` that was accepted before gets',
    promise: 4,
    async run(world) {
      const socket = await beginSocket(world);
      const submission = { type: 'interrupt', submission_id: randomUUID() };
      const first = await expectAccepted(socket, submission);
      const other = await openSocket(world, socket.path);
      for (const one of [socket, other]) {
        await expectError(one, submission, { code: 'DuplicateSubmission', event_id: first.id });
        await one.heartbeat();
        one.cut();
      }
      const times = socket.events.filter(({ payload }) => payload.submission_id === submission.submission_id);
      if (times.length !== 1) throw socket.broken({ expected: 'one submission_accepted', got: `${times.length}` });
    },
  },
  {
    id: 'events/refused-submission',
    level: 'core',
    title: 'A submission that is refused gets an error frame with its id, and is in no event.',
    source: 'PROTOCOL.md#event is the answer, or an `error` frame',
    async run(world) {
      const socket = await beginSocket(world);
      const id = randomUUID();
      const approval = { type: 'approval', approval_id: id, decision: 'allow_once' };
      await expectError(socket, approval, { code: 'ApprovalNotFound' });
      const elicitation = { type: 'elicitation', elicitation_id: id, action: 'cancel' };
      await expectError(socket, elicitation, { code: 'ApprovalNotFound' });
      const configure = { type: 'configure', config_id: 'no-such-option', value: 'x' };
      await expectError(socket, configure, { code: 'InvalidRequest' });
      await socket.heartbeat();
      const event = socket.events.find(({ payload }) => payload.type === 'submission_accepted');
      if (event) throw socket.broken({ expected: 'no submission_accepted', got: event.text });
      socket.cut();
    },
  },
  {
    id: 'events/queue-full',
    level: 'agent',
    title: 'A message that the queue has no room for gets QueueFull over the socket too, and is in no event.',
    source: 'openapi.yaml#/x-errors/QueueFull',
    async run(world) {
      const socket = await beginSocket(world);
      await expectAccepted(socket, { type: 'user_message', content: '/wait' });
      const message = { type: 'user_message', content: '/refuse' };
      const fill = { method: 'POST', path: `${socket.path}/submit`, json: message };
      let waiting = 0;
      while ((await world.call(fill)).status === 200) {
        waiting += 1;
        if (waiting <= MAX_QUEUED) continue;
        throw socket.broken({ expected: `QueueFull, with ${MAX_QUEUED} turns that wait`, got: 'one more that waits' });
      }
      await expectError(socket, message, { code: 'QueueFull' });
      await socket.heartbeat();
      const taken = socket.events.filter(({ payload }) => payload.type === 'submission_accepted').length;
      if (taken !== waiting + 1) {
        throw socket.broken({ expected: `${waiting + 1} submission_accepted`, got: `${taken}` });
      }
      socket.cut();
    },
  },
  {
    id: 'events/approval',
    level: 'agent',
    title: 'Of two answers to one approval the first counts; the other gets ApprovalResolved.',
    source: 'PROTOCOL.md#**Two answers to one approval.**',
    async run(world) {
      const socket = await beginSocket(world);
      const other = await openSocket(world, socket.path);
      await expectAccepted(socket, { type: 'user_message', content: '/approve' });
      const asked = await socket.waitForEvent('approval_requested');
      const approval_id = Object(asked.payload.approval).approval_id;
      const sockets = [socket, other];
      const answers = sockets.map((one, index) => {
        const decision = index === 0 ? 'allow_once' : 'reject_once';
        return one.send('submission', { type: 'approval', approval_id, decision });
      });
      const resolved = await socket.waitForEvent('approval_resolved', { approval_id, by: 'user' });
      const loser = resolved.payload.decision === 'allow_once' ? 1 : 0;
      const error = await sockets[loser]?.waitForError(answers[loser]);
      if (error?.payload.code !== 'ApprovalResolved') {
        throw socket.broken({ expected: 'ApprovalResolved for the second answer', got: `${error?.payload.code}` });
      }
      await socket.waitForEvent('turn_completed');
      const times = socket.events.filter(({ payload }) => payload.type === 'approval_resolved').length;
      if (times !== 1) throw socket.broken({ expected: 'one approval_resolved', got: `${times}` });
      for (const one of sockets) one.cut();
    },
  },
  {
    id: 'events/elicitation',
    level: 'agent',
    title: "The agent's question is answered over the socket, and the answer is in its elicitation_resolved.",
    source: 'openapi.yaml#/components/schemas/ElicitationSubmission',
    async run(world) {
      const socket = await beginSocket(world);
      const { turn_id } = (await expectAccepted(socket, { type: 'user_message', content: '/ask' })).payload;
      const asked = await socket.waitForEvent('elicitation_requested');
      const elicitation_id = Object(asked.payload.elicitation).elicitation_id;
      const answer = { type: 'elicitation', elicitation_id, action: 'accept', content: { language: 'Rust' } };
      await expectAccepted(socket, answer);
      const { payload } = await socket.waitForEvent('elicitation_resolved', { elicitation_id, action: 'accept' });
      if (!isDeepStrictEqual(payload.content, answer.content)) {
        throw socket.broken({
          expected: JSON.stringify(answer.content),
          got: JSON.stringify(payload.content) ?? 'none',
        });
      }
      await expectError(socket, answer, { code: 'ApprovalResolved' });
      await socket.waitForEvent('turn_completed', { turn_id });
      socket.cut();
    },
  },
];
