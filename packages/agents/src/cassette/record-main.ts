#!/usr/bin/env node
// `record-main.js OUTPUT NAME COMMAND ARGUMENT…`: a server that records starts this in place of each agent.
import { recordProcess } from './record-process.js';

const [output = '', agent = '', command = '', ...args] = process.argv.slice(2);
await recordProcess({ output, agent, command, args }).catch((error: Error) => {
  process.stderr.write(`parley record: ${error.message}\n`);
  process.exit(1);
});
