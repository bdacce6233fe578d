import { setup } from './setup.mjs';

/** `npm run demo`: installs and builds what is needed, then runs the application in examples/demo. */
await setup();
await import('../examples/demo/dist/main.js');
