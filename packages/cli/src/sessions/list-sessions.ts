import type { Client, SessionInfo } from '@parleyhq/client';
import { createScreen } from '../terminal/screen.js';
import { showTable } from '../terminal/show-table.js';

/** The statuses for `--status`. */
export const STATUSES = ['idle', 'running', 'awaiting_approval', 'closed'] as const;

/** Which sessions are listed, and how. */
export interface ListFlags {
  readonly status?: (typeof STATUSES)[number];
  readonly limit?: number;
  readonly json?: true;
}

/** Prints sessions, newest first, as a table or as one line of JSON each. */
export async function listSessions(client: Client, { status, limit, json }: ListFlags): Promise<void> {
  const found: SessionInfo[] = [];
  // The largest page that the contract allows.
  for await (const { info } of client.sessions.list({ status, limit, pageSize: 100 })) {
    if (json) process.stdout.write(`${JSON.stringify(info)}\n`);
    else found.push(info);
  }
  if (!json) showSessions(found);
}

function showSessions(sessions: readonly SessionInfo[]): void {
  const screen = createScreen(process.stdout);
  if (sessions.length === 0) return screen.line('No sessions.');
  const now = Date.now();
  const rows = sessions.map(({ session_id, status, agent, created_at, title, cwd }) => [
    session_id,
    status,
    agent,
    ageOf(now - created_at),
    title === null ? cwd : `${title} · ${cwd}`,
  ]);
  showTable(screen, ['ID', 'STATUS', 'AGENT', 'AGE', 'TITLE'], rows);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** An age in its largest unit, for example `3h`. */
export function ageOf(milliseconds: number): string {
  for (const [unit, length] of UNITS) if (milliseconds >= length) return `${Math.floor(milliseconds / length)}${unit}`;
  return `${Math.max(0, Math.floor(milliseconds / 1000))}s`;
}
