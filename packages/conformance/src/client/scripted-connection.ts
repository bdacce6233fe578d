import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { Random } from '../world/random.js';
import type { EventFrame } from './event-frame.js';
import type { Step } from './plan.js';
import { encodeFragments, encodeText } from './web-socket-frame.js';

/** A connection of the client, and what a plan needs to play its steps on it. */
export interface ScriptedConnection {
  readonly webSocket: WebSocket;
  /** The TCP socket below, for what no WebSocket library does. */
  readonly socket: Socket;
  readonly log: readonly EventFrame[];
  /** The cursor that the client has asked for. */
  readonly since: number;
  readonly random: Random;
  note(text: string): void;
  /** Called when an event has been sent whole. */
  sent(id: number): void;
  /** Called before the server ends the connection. */
  beforeEnd(): void;
  /** Resolves when the client has printed this event, or has ended without it. */
  printed(id: number): Promise<unknown>;
}

/** Plays steps on a connection until all are done or the client has closed it. */
export async function playSteps(connection: ScriptedConnection, steps: readonly Step[]): Promise<void> {
  const { webSocket, socket, log, random, note } = connection;
  let position = connection.since;
  const left = once(webSocket, 'close');
  for (const step of steps) {
    if (webSocket.readyState !== webSocket.OPEN) return;
    await Promise.race([play(step), left]);
  }

  async function play(step: Step): Promise<void> {
    if ('send' in step) return sendNext(step.send === 'rest' ? log.length - position : step.send);
    if ('repeat' in step) return repeat(step.repeat);
    if ('skip' in step) {
      position += step.skip;
      return note(`leaves out ${step.skip}`);
    }
    if ('rewind' in step) {
      position = 0;
      return note('begins again with 1');
    }
    if ('text' in step) return sendText(step.text);
    if ('mangleId' in step) return sendText(JSON.stringify({ ...next(), id: step.mangleId }));
    if ('binary' in step) {
      note('sends a binary frame');
      return webSocket.send(Buffer.from(step.binary), { binary: true });
    }
    if ('pieces' in step) return sendPieces(step.pieces);
    if ('fragments' in step) return sendBytes(encodeFragments(JSON.stringify(next()), step.fragments), 'in fragments');
    if ('truncate' in step) return truncate();
    if ('pause' in step) {
      note(`waits ${step.pause} ms`);
      await wait(step.pause);
      return;
    }
    if ('printed' in step) {
      await connection.printed(position);
      return;
    }
    if ('ping' in step) {
      note('pings');
      webSocket.ping();
      await once(webSocket, 'pong');
      return note('has the pong');
    }
    if ('close' in step) {
      note(`closes: ${step.close}`);
      connection.beforeEnd();
      webSocket.close(step.close === 'none' ? undefined : step.close);
      return;
    }
    if ('cut' in step) return cut();
    note('sends nothing more');
    connection.beforeEnd();
    // A paused socket does not report its end. This wait ends when the server is disposed.
    socket.pause();
    await left;
  }

  function sendNext(count: number): void {
    const frames = log.slice(position, position + count);
    for (const frame of frames) {
      webSocket.send(JSON.stringify(frame));
      connection.sent(frame.id);
    }
    if (frames.length > 0) note(`sends ${position + 1} to ${position + frames.length}`);
    position += frames.length;
  }

  function repeat(count: number): void {
    const frames = log.slice(Math.max(0, position - count), position);
    note(`sends the last ${frames.length} again`);
    for (const frame of frames) webSocket.send(JSON.stringify(frame));
  }

  function sendText(text: string): void {
    note(`sends ${text.slice(0, 80)}`);
    webSocket.send(text);
  }

  function sendBytes(bytes: Buffer, how: string): void {
    note(`sends ${position} ${how}`);
    socket.write(bytes);
    connection.sent(position);
  }

  async function sendPieces(count: number): Promise<void> {
    const bytes = encodeText(JSON.stringify(next()));
    const cuts = Array.from({ length: count - 1 }, () => random.integer(1, bytes.length - 1)).sort((a, b) => a - b);
    note(`sends ${position} in pieces, cut at ${cuts.join(', ')} of ${bytes.length} bytes`);
    for (const [index, start] of [0, ...cuts].entries()) {
      socket.write(bytes.subarray(start, cuts[index] ?? bytes.length));
      await wait(2);
    }
    connection.sent(position);
  }

  async function truncate(): Promise<void> {
    const bytes = encodeText(JSON.stringify(next()));
    const length = random.integer(0, bytes.length - 1);
    note(`sends ${length} of the ${bytes.length} bytes of ${position}`);
    // Ended, not destroyed, so that those bytes arrive.
    await new Promise<void>((resolve) => socket.write(bytes.subarray(0, length), () => resolve()));
    cut();
  }

  function cut(): void {
    note('cuts the line');
    connection.beforeEnd();
    socket.end();
    socket.destroySoon();
  }

  /** The next event. Moves the position past it. */
  function next(): EventFrame {
    const frame = log[position];
    if (frame === undefined) throw new Error(`the scenario has no event after ${position}`);
    position += 1;
    return frame;
  }
}
