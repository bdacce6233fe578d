#!/usr/bin/env node
import module from 'node:module';

// Node 22 and later can keep what they have compiled for the next start.
module.enableCompileCache?.();
await import('../dist/bundle/parley.js');
