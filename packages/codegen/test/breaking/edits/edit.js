/**
 * @file What an edit of the documents is.
 */
import * as answers from './answers.js';
import * as codes from './codes.js';
import * as events from './events.js';
import * as operations from './operations.js';
import * as requests from './requests.js';
import * as socket from './socket.js';

/**
 * What it does, as it ends the sentence "it breaks to …"; what the gate must say of it, undefined for nothing; the edit
 * itself, of the schemas of openapi.yaml, of that document and of the other one.
 *
 * @typedef {[string, RegExp | undefined, (schemas: Record<string, any>, openapi: any, asyncapi: any) => void]} Edit
 */

const all = [operations, requests, answers, events, socket, codes];
/** @type {Edit[]} */
export const breakingEdits = all.flatMap(({ breaking }) => breaking);
/** @type {Edit[]} */
export const compatibleEdits = all.flatMap(({ compatible }) => compatible);
