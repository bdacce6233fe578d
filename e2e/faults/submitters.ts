import { type ClientOptions, createClient } from '@parleyhq/client';
import { WebSocket } from 'ws';
import type { Random } from '../shared/random.js';
import { watched } from '../shared/watched.js';

/** The acknowledgement of one submission. */
export interface Acknowledged {
  readonly submissionId: string;
  readonly eventId: number;
}

/** A running submitter. */
export interface Submitting {
  readonly acknowledged: readonly Acknowledged[];
  /** Resolves when it has stopped and all its submissions are acknowledged. */
  readonly finished: Promise<void>;
}

/** How submissions are sent. */
export interface SubmitOptions {
  readonly client: ClientOptions & { readonly token: string };
  readonly sessionId: string;
  readonly random: Random;
  readonly stopped: () => boolean;
  /** Aborts the submitter. */
  readonly signal: AbortSignal;
  readonly pauseMs?: number;
}

/** Sends user messages with the SDK, and waits for the end of some of the turns. */
export function submitWithSdk({
  client: options,
  sessionId,
  random,
  stopped,
  signal,
  pauseMs,
}: SubmitOptions): Submitting {
  const acknowledged: Acknowledged[] = [];
  const submit = async () => {
    await using client = createClient(options);
    const session = await client.sessions.get(sessionId, { signal });
    while (!stopped()) {
      const submissionId = uuid(random);
      const command = { idempotencyKey: submissionId, signal };
      const turn = await session.submit(message(submissionId, random, pauseMs), command);
      acknowledged.push({ submissionId, eventId: turn.eventId });
      if (random.chance(0.7)) await turn.completed();
    }
  };
  return { acknowledged, finished: watched(submit()) };
}

/**
 * Sends user messages as frames over bare sockets. Each is sent again, on a new socket, until its `submission_accepted`
 * or an error in reply to it has come.
 */
export function submitWithSockets({ client, sessionId, random, stopped, signal, pauseMs }: SubmitOptions): Submitting {
  const acknowledged: Acknowledged[] = [];
  const address = `${client.baseUrl.replace('http', 'ws')}/api/sessions/${sessionId}/events`;

  const tryOnce = (submissionId: string, content: string) =>
    new Promise<number | undefined>((resolve) => {
      const socket = new WebSocket(address, ['parley.v1', `parley.bearer.${client.token}`]);
      const timer = setTimeout(() => socket.terminate(), 1_000);
      const payload = { type: 'user_message', content, submission_id: submissionId };
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'submission', id: '1', timestamp: Date.now(), payload }));
      });
      const done = (eventId: number | undefined) => {
        clearTimeout(timer);
        resolve(eventId);
        socket.terminate();
      };
      socket.on('message', (data) => {
        const { type, id, payload: said } = JSON.parse(String(data));
        if (type === 'error' && said.code === 'DuplicateSubmission') done(said.event_id);
        else if (type === 'event' && said.type === 'submission_accepted' && said.submission_id === submissionId)
          done(id);
      });
      socket.on('error', () => done(undefined)).on('close', () => done(undefined));
    });

  const submit = async () => {
    while (!stopped()) {
      const submissionId = uuid(random);
      const content = message(submissionId, random, pauseMs);
      let eventId: number | undefined;
      while (eventId === undefined) {
        signal.throwIfAborted();
        eventId = await tryOnce(submissionId, content);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      acknowledged.push({ submissionId, eventId });
      // Frames are not queued without bound: only as many messages are sent as the agent can answer.
      await new Promise((resolve) => setTimeout(resolve, random.integer(20, 200)));
    }
  };
  return { acknowledged, finished: watched(submit()) };
}

/** A prompt for scripted-agent.mjs. */
function message(key: string, random: Random, pauseMs: number | undefined): string {
  const size = random.chance(0.1) ? random.integer(1_000, 5_000) : random.integer(0, 400);
  return JSON.stringify({ key, pieces: random.integer(0, 40), size, ...(pauseMs !== undefined && { pauseMs }) });
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.integer(0, 15).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5').slice(0, 36);
}
