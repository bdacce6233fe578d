#!/usr/bin/env node
import { Readable, Writable } from 'node:stream';

import { ndJsonStream } from '@agentclientprotocol/sdk';

import { createDemoAgent } from './demo-agent.js';
import { demoOptions } from './demo-options.js';

const options = await demoOptions(process.env, async (code) => {
  process.stderr.write(`The demo agent ends with exit code ${code}, as its scenario says.\n`);
  process.exit(code);
});
const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
const connection = createDemoAgent(options).connect(ndJsonStream(Writable.toWeb(process.stdout), input));
// Without its client it has nothing to live for.
await connection.closed;
process.exit(0);
