import { parentPort } from 'node:worker_threads';
import { type ComparedFile, diffFile, type FileDiff } from './unified-diff.js';

// The thread that makes diffs. To compare two texts may take seconds, in which an event loop could do nothing else.

if (!parentPort) throw new Error('the diff worker must be started as a worker thread');
const port = parentPort;

port.on('message', (file: ComparedFile) => port.postMessage(diffFile(file) satisfies FileDiff));
