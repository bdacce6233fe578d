import type { ConnectionAckFrame, ErrorFrame, EventFrame, ServerHeartbeatFrame } from '@parleyhq/contract';
import type { Problem } from './errors.js';

export type ReceivedFrame =
  | ConnectionAckFrame
  | EventFrame
  | ServerHeartbeatFrame
  | ErrorFrame
  | { readonly type: 'unusable'; readonly problems: readonly Problem[]; readonly raw: unknown };

export function parseServerFrame(text: string): ReceivedFrame {
  return JSON.parse(text);
}

export function checkServerFrame(_frame: unknown): readonly Problem[] {
  return [];
}

export function checkResponse(_method: string, _path: string, _status: number, _body: unknown): readonly Problem[] {
  return [];
}
