import { setup } from './setup.mjs';

/** `npm run demo`: sets everything up, then runs the application in examples/demo. */
await setup();
await import('../examples/demo/dist/main.js');
