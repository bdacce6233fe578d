import type { Client, SessionEvent } from '@parleyhq/client';
import type { ModelScript } from './model/script.js';

const before = 'export function sort(values: number[]): number[] {\n  return values;\n}\n';
const after = 'export function sort(values: number[]): number[] {\n  return [...values].sort((a, b) => a - b);\n}\n';
const notes = '# Sort\n\nSmallest first.\n';

/** The files at the beginning of the conversation. */
export const files = { 'sort.ts': before };

/** What the model does in each turn of the conversation. */
export const script: ModelScript = {
  'Please implement a sort function.': [
    { kind: 'read', say: ['Let me ', 'look.'], path: 'sort.ts' },
    { kind: 'edit', say: ['Now the edit.'], edit: { path: 'sort.ts', before, after } },
    { kind: 'say', deltas: ['Done: ', 'sort() ', 'sorts now.'] },
  ],
  'Write it down, please.': [
    { kind: 'edit', edit: { path: 'NOTES.md', before: null, after: notes } },
    { kind: 'say', deltas: ['It is in ', 'NOTES.md.'] },
  ],
  'Forget the function.': [
    { kind: 'edit', say: ['As you like.'], edit: { path: 'sort.ts', before: after, after: before } },
    { kind: 'say', deltas: ['Then it stays.'] },
  ],
  'How long is it?': [
    { kind: 'run', command: 'wc -l sort.ts' },
    { kind: 'say', deltas: ['Three ', 'lines.'] },
  ],
  'And backwards?': [{ kind: 'edit', edit: { path: 'sort.ts', before: after, after: before } }],
};

/** What the user does when the agent asks, turn by turn. `interrupt` interrupts instead of answering. */
const turns = [
  ['Please implement a sort function.', 'allow_once'],
  ['Write it down, please.', 'allow_once'],
  ['Forget the function.', 'reject_once'],
  ['How long is it?', 'allow_once'],
  ['And backwards?', 'interrupt'],
] as const;

/** Holds the conversation with an agent, or with a recording of one. Returns all its events. */
export async function holdConversation(client: Client, agent: string, cwd: string): Promise<SessionEvent[]> {
  await using session = await client.sessions.create({ agent, cwd });
  const events: SessionEvent[] = [];
  for (const [prompt, answer] of turns) {
    const turn = await session.submit(prompt);
    for await (const event of turn) {
      events.push(event);
      if (event.type !== 'approval_requested') continue;
      if (answer === 'interrupt') await session.interrupt({ turn });
      else await session.approve(event.approval, answer);
    }
  }
  return events;
}
