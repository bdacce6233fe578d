import { randomUUID } from 'node:crypto';

import type { Environment } from '../definition.js';
import { type Raw, readObject, readText } from '../map/read.js';
import type { CassetteExit } from './cassette.js';
import { createClientLink } from './client-link.js';
import { createConversationStage } from './conversation-stage.js';
import { answerOf, readConversations } from './conversations.js';
import { mapTexts } from './map-texts.js';
import { matchPrompt, type PromptCursor } from './match-prompt.js';
import { createOtherAnswers } from './other-requests.js';
import type { Cassette } from './parse-cassette.js';
import { createPlaceRemover } from './places.js';
import { playScene, type ScenePlayback, type Stage } from './play-scene.js';
import { createEditReplay } from './replay-edits.js';
import type { ReplayOptions } from './replay-options.js';
import { type Names, rewrite } from './rewrite.js';
import { isOpening, readScenes } from './scenes.js';
import { createSecretRemover } from './secrets.js';

/** The options of a player. */
export interface PlayerOptions extends ReplayOptions {
  readonly cassette: Cassette;
  readonly env: Environment;
  /** Writes one line for the client; resolves when more can be written. */
  write(line: string): Promise<void>;
  exit(exit: CassetteExit): Promise<void>;
}

/** An agent that repeats what a recorded agent did. */
export interface Player {
  /** Handles one message of the client. Resolves when playback of its scene has begun; the scene may go on after that. */
  receive(message: Raw): Promise<void>;
}

/** One conversation of this process. */
interface Conversation {
  readonly names: Names;
  readonly cursor: PromptCursor;
  readonly stage: (answer: Stage['answer']) => Stage;
  /** The form of a text that the recorder would have written. */
  readonly asRecorded: (text: string, name?: string) => string;
  /** The answer to its opening, updated with the settings that were changed since. */
  state: Raw;
  playing: ScenePlayback;
}

const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;

/** Creates the agent of a cassette. */
export function createPlayer(options: PlayerOptions): Player {
  const { env, speed, exit } = options;
  const scenes = readScenes(options.cassette.entries);
  const recorded = readConversations(scenes);
  const secrets = createSecretRemover(env);
  const answerOther = createOtherAnswers(scenes);
  const link = createClientLink(options.write);
  const conversations = new Map<string, Conversation>();
  let newConversations = 0;
  let takesNotices = false;

  const open = (id: unknown, method: string, params: Raw) => {
    const isNew = method === 'session/new';
    const sessionId = readText(params.sessionId) ?? `replay-${newConversations + 1}-${randomUUID()}`;
    const number = isNew ? newConversations++ : numberOf(sessionId);
    const tape = recorded[number];
    if (!tape) {
      const count = recorded.length === 1 ? '1 conversation' : `${recorded.length} conversations`;
      return link.refuse(id, INVALID_PARAMS, `the tape holds ${count}; this is number ${number + 1}`);
    }
    const cwd = readText(params.cwd) ?? process.cwd();
    const names: Names = { recordedSessionId: tape.sessionId, sessionId, cwd, home: env.HOME ?? '/' };
    const places = createPlaceRemover(env.HOME);
    places.learnCwd(cwd);
    const edits = createEditReplay(cwd);
    const place = (line: number) => `line ${line} of the tape`;
    const stage = createConversationStage({ link, names, edits, takesNotices, speed, place, exit });
    const answer = ({ result, error }: Raw) => {
      const { sessionId: _, ...state } = readObject(result) ?? {};
      return link.answer(id, error === undefined ? { result: isNew ? { sessionId, ...state } : state } : { error });
    };
    // If the methods differ, the steps before the answer are left out: `session/load` replays the past in them.
    const first = tape.opening.method === method ? 0 : tape.opening.steps.findIndex(({ kind }) => kind === 'answer');
    conversations.set(sessionId, {
      names,
      stage,
      cursor: { prompts: tape.prompts, next: isNew ? 0 : undefined },
      asRecorded: (text, name) => secrets.remove(places.remove(text), name),
      state: rewrite(answerOf(tape.opening) ?? {}, names),
      playing: playScene(tape.opening, stage(answer), Math.max(first, 0)),
    });
  };

  const prompt = async (id: unknown, params: Raw, conversation: Conversation) => {
    const { cursor, stage } = conversation;
    if (!conversation.playing.answered) {
      return link.refuse(id, INVALID_PARAMS, `a turn is running in this conversation`);
    }
    conversation.playing.hurry();
    await conversation.playing.ended;
    const match = matchPrompt(cursor, mapTexts(params.prompt, conversation.asRecorded), options.anyPrompt);
    if ('problem' in match) return link.refuse(id, INVALID_PARAMS, `${match.problem}`);
    const play = stage((answer) => link.answer(id, answer));
    if (match.difference !== undefined) await play.notice(`${play.place(match.scene.line)}: ${match.difference}.`);
    conversation.playing = playScene(match.scene, play);
  };

  const other = (id: unknown, method: string, params: Raw, conversation: Conversation | undefined) => {
    if (method === 'initialize') {
      takesNotices = readObject(readObject(params.clientCapabilities)?.session)?.notices !== undefined;
    }
    const answer = answerOther(method, params, conversation?.state ?? {});
    if (!answer) {
      return link.refuse(id, METHOD_NOT_FOUND, `no ${method} with these parameters is on the tape`);
    }
    if (!conversation) return link.answer(id, answer);
    const { result, error } = rewrite(answer, conversation.names);
    conversation.state = { ...conversation.state, ...readObject(result) };
    return link.answer(id, { result, error });
  };

  const handle = async (message: Raw) => {
    const { id } = message;
    const method = readText(message.method);
    const params = readObject(message.params) ?? {};
    const conversation = conversations.get(readText(params.sessionId) ?? '');
    if (method === undefined) link.answered(message);
    else if (method === 'session/cancel') conversation?.playing.cancel();
    else if (id === undefined)
      return; // a notification that changes nothing
    else if (isOpening(method)) await open(id, method, params);
    else if (method !== 'session/prompt') await other(id, method, params, conversation);
    else if (conversation) await prompt(id, params, conversation);
    else await link.refuse(id, INVALID_PARAMS, `there is no conversation ${String(params.sessionId)}`);
  };
  return { receive: handle };
}

/** The index of the recorded conversation that a session id of a player stands for, also of an earlier process; else 0. */
function numberOf(sessionId: string): number {
  return Number(/^replay-(\d+)-/.exec(sessionId)?.[1] ?? 1) - 1;
}
