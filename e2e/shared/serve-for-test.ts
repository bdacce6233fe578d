import { onTestFinished } from 'vitest';
import { type Address, type Served, type ServeOptions, serve, untilListening } from './serve.js';

/** Starts `parley serve` for the test that runs, and waits until it listens. It is killed when the test has finished. */
export async function serveForTest(options: ServeOptions): Promise<Served & Address> {
  const served = await serve(options);
  onTestFinished(() => served.kill());
  return { ...served, ...(await untilListening(served)) };
}
