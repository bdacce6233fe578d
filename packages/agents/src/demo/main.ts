#!/usr/bin/env node
import { createDemoAgent } from './demo-agent.js';
import { demoOptions } from './demo-options.js';
import { serveMethods } from './json-rpc.js';

const options = await demoOptions(process.env, async (code) => {
  process.stderr.write(`The demo agent ends with exit code ${code}, as its scenario says.\n`);
  process.exit(code);
});
// A demo agent ends with its client.
process.stdout.on('error', () => process.exit(0));
await serveMethods(process.stdin, process.stdout, createDemoAgent(options));
process.exit(0);
