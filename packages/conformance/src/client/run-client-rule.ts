import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokenRule, NotExercised } from '../broken-rule.js';
import { quote } from '../wire/curl.js';
import { createRandom } from '../world/random.js';
import { type ClientProcess, startClient } from './client-process.js';
import type { ClientRule } from './client-rule.js';
import { judgeClient } from './judge-client.js';
import { SESSION } from './logged-event.js';
import { type ScriptedServer, startScriptedServer } from './scripted-server.js';
import { createTranscript, shorten } from './transcript.js';

/** The client that is tested. */
export interface ClientUnderTest {
  /** The shell command that starts it. */
  readonly command: string;
  /** Seed of the scripted server's random choices. */
  readonly seed: number;
  /** Milliseconds that it may take for one rule. */
  readonly timeout: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs a client against a server that follows the rule's script.
 *
 * @throws BrokenRule if the client does not do what the rule requires, NotExercised if it prints a `skip` line.
 */
export async function runClientRule(
  rule: ClientRule,
  { command, seed, timeout, signal }: ClientUnderTest,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-client-'));
  const tokenFile = join(folder, 'token');
  const transcript = createTranscript();
  const script = rule.script(createRandom(seed, rule.id));
  const { after = 0, renews = false } = script;
  let client: ClientProcess | undefined;
  let server: ScriptedServer | undefined;
  try {
    server = await startScriptedServer(script, {
      random: createRandom(seed, `${rule.id} server`),
      transcript,
      printed: async (id) => client?.until((lines) => lines.some((line) => 'id' in line && line.id >= id)),
      renew: (token) => write(tokenFile, token),
    });
    await write(tokenFile, server.token);
    const env = {
      PARLEY_URL: server.url,
      PARLEY_TOKEN: server.token,
      PARLEY_SESSION: SESSION,
      PARLEY_AFTER: String(after),
      ...(renews && { PARLEY_TOKEN_FILE: tokenFile }),
    };
    signal.throwIfAborted();
    client = startClient(command, env, { timeout, signal });
    const ended = await client.ended;
    const skip = client.lines.find((line) => line.kind === 'skip');
    if (skip) throw new NotExercised(`the client says: ${skip.reason}`);
    const difference = judgeClient(script, { client, ended, handshakes: server.handshakes });
    if (difference === undefined) return;
    const said = ended.stderr === '' ? '' : `\n\nstandard error:\n${ended.stderr}`;
    throw new BrokenRule({
      ...difference,
      sent: transcript.toString(),
      received: `${shorten(client.texts).join('\n')}${said}`,
      repeat: `parley verify --client ${quote(command)} --rule ${rule.id} --seed ${seed}`,
    });
  } finally {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Replaces the file in one step, since the client may read it at any time. */
async function write(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
