import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

import type { ToolCallContent } from '@agentclientprotocol/sdk';

import { askPermission } from './permission.js';
import type { EditStep } from './scenario.js';
import { Cancelled, type Stage } from './stage.js';

/**
 * Changes files: shows each change as a diff, asks for all of them at once (so that they form one patch), and writes
 * those that are allowed. True if all were allowed.
 */
export async function playEdits(stage: Stage, edits: readonly EditStep[]): Promise<boolean> {
  const calls = [];
  for (const edit of edits) calls.push(await announce(stage, edit));
  const settled = await Promise.allSettled(calls.map((call) => settle(stage, call)));
  const broken = settled.find((result) => result.status === 'rejected');
  if (broken) throw broken.reason;
  return settled.every((result) => result.status === 'fulfilled' && result.value);
}

interface EditCall {
  readonly id: string;
  readonly file: string;
  readonly newText: string;
  readonly asks: boolean;
}

async function announce(stage: Stage, edit: EditStep): Promise<EditCall> {
  const file = resolve(stage.cwd, edit.path);
  if (relative(stage.cwd, file).startsWith('..')) throw new Error(`${edit.path} lies outside of the working directory`);
  const oldText = await readFile(file, 'utf8').catch(() => null); // a new file
  const id = `edit-${randomUUID()}`;
  const content: ToolCallContent[] = [{ type: 'diff', path: file, oldText, newText: edit.content }];
  const verb = oldText === null ? { en: 'Create', zh: '新建' } : { en: 'Change', zh: '修改' };
  await stage.pause(4);
  await stage.send({
    sessionUpdate: 'tool_call',
    toolCallId: id,
    title: `${stage.text(verb)} ${edit.path}`,
    kind: 'edit',
    status: 'pending',
    content,
    locations: [{ path: file }],
    rawInput: { path: edit.path },
  });
  return { id, file, newText: edit.content, asks: stage.asksFirst };
}

async function settle(stage: Stage, call: EditCall): Promise<boolean> {
  try {
    if (call.asks && !(await askPermission(stage, { toolCallId: call.id }))) {
      await stage.send({ sessionUpdate: 'tool_call_update', toolCallId: call.id, status: 'failed' });
      return false;
    }
    await stage.send({ sessionUpdate: 'tool_call_update', toolCallId: call.id, status: 'in_progress' });
    await mkdir(dirname(call.file), { recursive: true });
    await writeFile(call.file, call.newText);
    await stage.send({ sessionUpdate: 'tool_call_update', toolCallId: call.id, status: 'completed' });
    return true;
  } catch (error) {
    if (!(error instanceof Cancelled)) {
      const content: ToolCallContent[] = [{ type: 'content', content: { type: 'text', text: String(error) } }];
      await stage.send({ sessionUpdate: 'tool_call_update', toolCallId: call.id, status: 'failed', content });
    }
    throw error;
  }
}
