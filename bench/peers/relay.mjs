import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The file of the agent. */
export const floodAgent = fileURLToPath(new URL('../flood-agent.mjs', import.meta.url));

/** Only the variables that Parley gives to an agent, since others could slow down the start of Node. */
const env = { PATH: process.env.PATH };

/**
 * Runs agents as Parley does, for a server that only passes on their lines.
 *
 * @param {(agent: number, line: string) => void} onUpdate
 */
export function createRelay(onUpdate) {
  /** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null>[]} */
  let agents = [];

  return {
    /** @param {{agents: number}} input Resolves when all are ready. */
    async openAgents({ agents: count }) {
      const ready = Array.from({ length: count }, (_, index) => {
        const agent = spawn(process.execPath, [floodAgent], { env, stdio: ['pipe', 'pipe', 'inherit'] });
        agents.push(agent);
        agent.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'new', method: 'session/new' })}\n`);
        return new Promise((resolve) => {
          createInterface({ input: agent.stdout }).on('line', (line) => {
            if (line.includes('"session/update"')) onUpdate(index, line);
            else resolve(undefined);
          });
        });
      });
      await Promise.all(ready);
    },

    /** @param {{content: string}} input What each agent is asked for. */
    prompt({ content }) {
      const params = { prompt: [{ type: 'text', text: content }] };
      for (const agent of agents) {
        agent.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'prompt', method: 'session/prompt', params })}\n`);
      }
    },

    async closeAgents() {
      const gone = agents.map((agent) => new Promise((resolve) => agent.once('exit', resolve)));
      for (const agent of agents) agent.stdin.end();
      agents = [];
      await Promise.all(gone);
    },
  };
}
