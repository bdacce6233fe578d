import { setTimeout as delay } from 'node:timers/promises';
import { type AgentDescription, type Client, ServiceError } from '@parleyhq/client';
import { EXIT, ExitError } from '../exit-error.js';
import { createScreen, type Screen } from '../terminal/screen.js';
import { readAgents } from './list-agents.js';

/** Milliseconds between two looks at what the agent wants done. */
const INTERVAL = 500;

/**
 * Logs an agent in, and shows meanwhile what it wants a person to do. Aborting `quit` ends the login.
 *
 * @throws ExitError for an unknown agent; ServiceError
 */
export async function logIn(
  client: Client,
  agent: string,
  method: string | undefined,
  quit: AbortSignal,
): Promise<void> {
  const screen = createScreen(process.stdout);
  const ended = new AbortController();
  const showing = showProgress(client, agent, screen, ended.signal);
  try {
    const { error } = await client.http.POST('/api/agents/{agent}/authenticate', {
      params: { path: { agent } },
      body: { ...(method !== undefined && { method }) },
      signal: quit,
      // The server says when it has taken too long. Another try would be another login.
      timeout: Number.POSITIVE_INFINITY,
      maxRetries: 0,
    });
    if (error?.code === 'NotFound') {
      throw new ExitError(EXIT.usage, `there is no agent ${agent} here; parley agents lists those that there are`);
    }
    if (error) throw ServiceError.fromData(error);
  } finally {
    ended.abort();
    await showing;
  }
  screen.line(`${agent} is logged in.`);
}

/** Shows each new thing that the agent says about its login. */
async function showProgress(client: Client, agent: string, screen: Screen, ended: AbortSignal): Promise<void> {
  let before: Partial<NonNullable<AgentDescription['login']>> = {};
  while (!ended.aborted) {
    // A look that fails is followed by another one; the login itself says what is wrong.
    const agents = await readAgents(client, ended).catch(() => []);
    const login = agents.find(({ name }) => name === agent)?.login;
    if (login) {
      if (login.message && login.message !== before.message) screen.longLine(login.message);
      if (login.url && login.url !== before.url) screen.longLine(`Open ${login.url}`);
      for (const line of newLines(login.output, before.output)) screen.longLine([{ text: line, style: 'dim' }]);
      before = login;
    }
    await delay(INTERVAL, undefined, { signal: ended }).catch(() => undefined); // the login has ended
  }
}

function newLines(output = '', before = ''): string[] {
  const added = output.startsWith(before) ? output.slice(before.length) : output;
  return added.split('\n').filter((line) => line.trim() !== '');
}
