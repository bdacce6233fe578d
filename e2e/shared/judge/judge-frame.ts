import { judgeValue } from '@parleyhq/conformance';
import { find, type Json, openapi } from '../document.js';
import type { Frame } from '../wire/parse-frames.js';

const SCHEMAS: Readonly<Record<string, string>> = {
  event: '/components/messages/EventFrame/payload',
  connection_ack: '/components/schemas/ConnectionAckFrame',
  heartbeat: '/components/schemas/ServerHeartbeatFrame',
  error: '/components/schemas/ErrorFrame',
};

/** Close codes that ws uses by itself if a peer breaks the protocol (RFC 6455) or closes. */
const CLOSE_CODES = new Set([1000, 1002, 1007, 1009]);

/** What is wrong with a frame that answers a client's mistake: its error must blame the client. */
export function judgeFrame(frame: Frame): string | undefined {
  if (closeCodeOf(frame) === 1011) return 'a close with 1011';
  return problemOfFrame(frame) ?? faultIn(frame);
}

/**
 * What is wrong with a frame of the server; undefined if nothing is. A text frame must fit asyncapi.yaml, and a close
 * code must be in the table of the documents or of RFC 6455.
 */
export function problemOfFrame(frame: Frame): string | undefined {
  const { opcode, fin, rsv, masked, payload } = frame;
  if (!fin || rsv !== 0 || masked) return `a frame with fin ${fin}, rsv ${rsv}, masked ${masked}`;
  if (opcode === 0x8) return judgeClose(closeCodeOf(frame));
  if (opcode === 0x9 || opcode === 0xa) return payload.length <= 125 ? undefined : 'a control frame that is too long';
  if (opcode !== 0x1) return `a frame with opcode ${opcode}`;
  let value: Json;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    return `a text frame that is no JSON: ${error}`;
  }
  const type = String(find(value, 'type'));
  const shown = payload.toString('utf8').slice(0, 500);
  const schema = SCHEMAS[type];
  if (schema === undefined) return `unknown type ${type} in ${shown}`;
  const { problems } = judgeValue({ document: 'asyncapi.yaml', pointer: schema }, value);
  if (problems.length === 0) return undefined;
  const told = problems.slice(0, 5).map(({ place, message }) => `${place || '/'} ${message}`);
  return `${told.join('; ')} in ${shown}`;
}

/** The code of a close frame; undefined for other frames, and for one without a code. */
export function closeCodeOf({ opcode, payload }: Frame): number | undefined {
  return opcode === 0x8 && payload.length > 0 ? payload.readUInt16BE(0) : undefined;
}

function faultIn({ opcode, payload }: Frame): string | undefined {
  if (opcode !== 0x1) return undefined;
  const shown = payload.toString('utf8');
  const value: Json = JSON.parse(shown);
  const status = find(openapi['x-errors'], String(find(value, 'payload', 'code')), 'status');
  const isFault = find(value, 'type') === 'error' && (typeof status !== 'number' || status >= 500);
  return isFault ? `an error of the server: ${shown.slice(0, 500)}` : undefined;
}

function judgeClose(code: number | undefined): string | undefined {
  if (code === undefined) return undefined;
  if (CLOSE_CODES.has(code) || find(openapi['x-close-codes'], String(code)) !== undefined) return undefined;
  // ws answers with the same code, if it is one that a client may use.
  return code >= 1000 && code <= 1014 ? undefined : code >= 3000 && code <= 4999 ? undefined : `a close with ${code}`;
}
