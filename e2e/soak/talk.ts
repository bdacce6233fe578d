import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventFrame, Session, Submission } from '@parleyhq/contract';
import type { Random } from '../shared/random.js';
import type { Api } from './api.js';
import type { ParleyProcess } from './parley-process.js';
import { type Complain, openReader, type Reader } from './reader.js';

/** One session under load. */
export interface Talk {
  readonly sessionId: string;
  /** The readers. The first one is never cut, since it sends the application's messages. */
  readonly readers: Reader[];
  readonly turns: number;
  readonly approvals: number;
  readonly isBusy: boolean;
  /** Opens the readers. */
  listen(count: number): Promise<void>;
  /** Starts a turn, alternately over REST and over the socket. */
  say(content: string): void;
  /** Resolves when no turn runs. */
  idle(): Promise<void>;
}

const WANTED = new Set(['turn_completed', 'approval_requested']);

/** Creates a session in a new folder. */
export async function openTalk(
  { server, api, random, complain }: { server: ParleyProcess; api: Api; random: Random; complain: Complain },
  name: string,
): Promise<Talk> {
  const cwd = join(server.project, name);
  await mkdir(cwd);
  const { session_id: sessionId } = await api.post<Session>('/api/sessions', { cwd, approval_policy: 'ask' });
  const readers: Reader[] = [];
  let turns = 0;
  let approvals = 0;
  let busy = false;
  let rest: (() => void)[] = [];

  const submit = (submission: Submission) => {
    const overSocket = random.chance(0.5);
    const frame = { type: 'submission', id: randomUUID(), timestamp: Date.now(), payload: submission };
    if (overSocket && readers[0]?.send(frame)) return;
    void api.post(`/api/sessions/${sessionId}/submit`, submission).catch((error) => complain(String(error)));
  };

  return {
    ...{ sessionId, readers },
    get turns() {
      return turns;
    },
    get approvals() {
      return approvals;
    },
    get isBusy() {
      return busy;
    },
    async listen(count) {
      for (let index = 0; index < count; index += 1) {
        const options = { server, sessionId, complain };
        readers.push(index > 0 ? openReader(options) : openReader({ ...options, wants: WANTED, onEvent }));
      }
      await Promise.all(readers.map(({ ready }) => ready));
    },
    say(content) {
      busy = true;
      submit({ type: 'user_message', content });
    },
    idle: () => (busy ? new Promise((resolve) => rest.push(resolve)) : Promise.resolve()),
  };

  function onEvent({ payload: event }: EventFrame): void {
    if (event.type === 'approval_requested') {
      approvals += 1;
      const decision = random.chance(0.5) ? 'allow_once' : 'reject_once';
      submit({ type: 'approval', approval_id: event.approval.approval_id, decision });
    } else if (event.type === 'turn_completed') {
      if (event.status !== 'completed') complain(`${sessionId}: a turn ended ${event.status} (${event.cause})`);
      turns += 1;
      busy = false;
      for (const resolve of rest) resolve();
      rest = [];
    }
  }
}
