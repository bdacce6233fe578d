import { resolve } from 'node:path';
import { type AgentSession, type Client, ServiceError } from '@parleyhq/client';
import { EXIT, ExitError } from '../exit-error.js';
import { createScreen } from '../terminal/screen.js';
import { showTable } from '../terminal/show-table.js';
import { ageOf } from './list-sessions.js';

/** Which sessions of an agent are listed, and how. */
export interface AgentListFlags {
  readonly cwd?: string;
  readonly json?: true;
}

/** Prints the sessions that an agent keeps of a folder, in its order, as a table or as one line of JSON each. */
export async function listAgentSessions(client: Client, agent: string, { cwd, json }: AgentListFlags): Promise<void> {
  const found: AgentSession[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.sessions.ofAgent(agent, { cwd: resolve(cwd ?? '.'), limit: 100, cursor }).catch(refuse);
    if (!json) found.push(...page.sessions);
    else for (const session of page.sessions) process.stdout.write(`${JSON.stringify(session)}\n`);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  if (!json) show(found);
}

/** Of this operation, NotFound is about the agent that was named, not about the server. */
function refuse(error: unknown): never {
  if (!(error instanceof ServiceError && error.code === 'NotFound')) throw error;
  throw new ExitError(EXIT.usage, `${error.reason} [${error.code}]`);
}

function show(sessions: readonly AgentSession[]): void {
  const screen = createScreen(process.stdout);
  if (sessions.length === 0) return screen.line('No sessions.');
  const now = Date.now();
  const rows = sessions.map(({ agent_session_id, updated_at, session_id, title }) => [
    agent_session_id,
    updated_at === null ? '' : ageOf(now - updated_at),
    session_id ?? '',
    title ?? '',
  ]);
  showTable(screen, ['AGENT SESSION', 'AGE', 'OPEN AS', 'TITLE'], rows);
}
