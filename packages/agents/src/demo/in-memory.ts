import { PassThrough } from 'node:stream';

import type { AgentExit } from '../agent-error.js';
import type { Environment } from '../definition.js';
import type { AgentProcess } from '../process/process.js';

/** Runs the demo agent inside this process. Its streams carry the same bytes as those of a subprocess. */
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
    return new Promise<never>(() => undefined); // never settles, since process.exit does not return either
  };
  const run = async () => {
    const [{ serveMethods }, { createDemoAgent }, { demoOptions }] = await Promise.all([
      import('./json-rpc.js'),
      import('./demo-agent.js'),
      import('./demo-options.js'),
    ]);
    const demo = await demoOptions(options.env, exit);
    await serveMethods(toAgent, fromAgent, createDemoAgent(demo));
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
    stderrTail: (from = 0) => stderr.slice(from),
    stderrSize: () => stderr.length,
    async close() {
      stop(0);
    },
  };
}
