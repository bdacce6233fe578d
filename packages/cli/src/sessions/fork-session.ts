import type { Client } from '@parleyhq/client';
import { createScreen } from '../terminal/screen.js';

/** Forks a session, and prints the id of the new one. */
export async function forkSession(client: Client, id: string): Promise<void> {
  const fork = await (await client.sessions.get(id)).fork();
  createScreen(process.stdout).line(fork.id);
}
