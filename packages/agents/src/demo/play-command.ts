import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

import { askPermission } from './permission.js';
import { Cancelled, type Stage } from './stage.js';

/** Runs a command in the working directory and shows its output while it runs. False if the user rejected it. */
export async function playCommand(stage: Stage, argv: readonly string[], asksFirst: boolean): Promise<boolean> {
  const toolCallId = `run-${randomUUID()}`;
  const title = argv.join(' ');
  await stage.send({
    sessionUpdate: 'tool_call',
    toolCallId,
    title,
    kind: 'execute',
    status: 'pending',
    rawInput: { command: argv },
    ...(stage.streamsOutput && {
      content: [{ type: 'terminal', terminalId: toolCallId }],
      _meta: { terminal_info: { terminal_id: toolCallId, cwd: stage.cwd } },
    }),
  });
  if (asksFirst && stage.asksFirst && !(await askPermission(stage, { toolCallId }))) {
    await stage.send({ sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' });
    return false;
  }
  await stage.send({ sessionUpdate: 'tool_call_update', toolCallId, status: 'in_progress' });

  let output = '';
  const exitCode = await run(stage, argv, async (data) => {
    output += data;
    if (!stage.streamsOutput) return;
    const _meta = { terminal_output_delta: { terminal_id: toolCallId, data } };
    await stage.send({ sessionUpdate: 'tool_call_update', toolCallId, _meta });
  });
  await stage.send({
    sessionUpdate: 'tool_call_update',
    toolCallId,
    status: exitCode === 0 ? 'completed' : 'failed',
    rawOutput: { exitCode },
    ...(stage.streamsOutput
      ? { _meta: { terminal_exit: { terminal_id: toolCallId, exit_code: exitCode, signal: null } } }
      : { content: [{ type: 'content', content: { type: 'text', text: output } }] }),
  });
  if (stage.signal.aborted) throw new Cancelled();
  return true;
}

async function run(stage: Stage, argv: readonly string[], print: (data: string) => Promise<void>): Promise<number> {
  // `node` means the Node.js that runs this agent: it exists even if PATH does not have one.
  const [command = '', ...args] = argv[0] === 'node' ? [process.execPath, ...argv.slice(1)] : argv;
  const { cwd, env, signal } = stage;
  const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(127)); // could not be run, or was cancelled
  });
  const show = async (stream: NodeJS.ReadableStream) => {
    stream.setEncoding('utf8');
    for await (const data of stream) await print(String(data));
  };
  await Promise.allSettled([show(child.stdout), show(child.stderr)]);
  return ended;
}
