import { PassThrough, Readable, Writable } from 'node:stream';

import type { AgentExit } from '../agent-error.js';
import type { Environment } from '../definition.js';
import type { AgentProcess } from '../process/process.js';
import { demoOptions } from './demo-options.js';

/** Runs the demo agent inside this process, behind the same bytes as a subprocess would write. */
export function runDemoInMemory(options: { readonly env: Environment }): AgentProcess {
  const toAgent = new PassThrough();
  const fromAgent = new PassThrough();
  let end: (exit: AgentExit) => void;
  const exited = new Promise<AgentExit>((resolve) => {
    end = resolve;
  });
  let stderr = '';
  const stop = (exitCode: number) => {
    end({ exitCode, signal: null, stderrTail: stderr });
    fromAgent.end();
    toAgent.destroy();
  };
  const exit = (code: number) => {
    stop(code);
    return new Promise<never>(() => undefined); // as after process.exit: nothing follows
  };
  const run = async () => {
    const [{ ndJsonStream }, { createDemoAgent }] = await Promise.all([
      import('@agentclientprotocol/sdk'),
      import('./demo-agent.js'),
    ]);
    const demo = await demoOptions(options.env, exit);
    const input = Readable.toWeb(toAgent) as ReadableStream<Uint8Array>;
    const connection = createDemoAgent(demo).connect(ndJsonStream(Writable.toWeb(fromAgent), input));
    await connection.closed;
  };
  run().then(
    () => stop(0),
    (error: unknown) => {
      stderr = String(error);
      stop(1);
    },
  );
  return {
    output: fromAgent,
    input: toAgent,
    exited,
    stderrTail: () => stderr,
    async close() {
      stop(0);
    },
  };
}
