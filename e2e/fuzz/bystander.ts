import { createClient } from '@parleyhq/client';
import { type Direct, expectSame, readFrames } from '../shared/history.js';
import type { Random } from '../shared/random.js';
import { readWithSdk, readWithSockets } from '../shared/readers.js';
import { watched } from '../shared/watched.js';

/** A well-behaved user of the server during the fuzzing. */
export interface Bystander {
  /** Ends the session; fails unless each of its readers has got exactly the log. Resolves with the number of events. */
  finish(): Promise<number>;
}

/** Starts a session whose agent talks all the time, with one reader of the SDK and one over bare sockets. */
export async function startBystander(
  direct: Direct & { readonly project: string },
  random: Random,
): Promise<Bystander> {
  const { url, token, project } = direct;
  const client = createClient({ baseUrl: url, token });
  const session = await client.sessions.create({ cwd: project });
  const giveUp = new AbortController();
  const readings = [
    readWithSdk('the SDK', { baseUrl: url, token }, session.id, random, giveUp.signal),
    readWithSockets('bare sockets', direct, session.id, giveUp.signal),
  ];
  let stopped = false;
  const talk = async () => {
    while (!stopped) {
      const { status } = await (await session.submit('/long')).completed();
      if (status !== 'completed') throw new Error(`a turn of the bystander ended ${status}`);
    }
  };
  const talking = watched(talk());
  return {
    async finish() {
      stopped = true;
      await talking;
      await session.close();
      await Promise.all(readings.map(({ finished }) => finished));
      const log = await readFrames(direct, session.id);
      for (const { name, frames } of readings) expectSame(frames, log, name);
      await client[Symbol.asyncDispose]();
      return log.length;
    },
  };
}
