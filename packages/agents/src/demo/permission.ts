import type { RequestPermissionRequest, ToolCallUpdate } from '@agentclientprotocol/sdk';

import { readObject } from '../map/read.js';
import { Cancelled, type Stage } from './stage.js';

/** Asks the user for permission. False when it was rejected; throws `Cancelled`. */
export async function askPermission(stage: Stage, toolCall: ToolCallUpdate): Promise<boolean> {
  const request: RequestPermissionRequest = {
    sessionId: stage.sessionId,
    toolCall,
    options: [
      { optionId: 'allow', name: stage.text({ en: 'Allow', zh: '允许' }), kind: 'allow_once' },
      {
        optionId: 'always',
        name: stage.text({ en: 'Allow for this session', zh: '本会话始终允许' }),
        kind: 'allow_always',
      },
      { optionId: 'reject', name: stage.text({ en: 'Reject', zh: '拒绝' }), kind: 'reject_once' },
    ],
  };
  const answer = readObject(await stage.client.request('session/request_permission', request));
  const { outcome, optionId } = readObject(answer?.outcome) ?? {};
  if (outcome === 'cancelled' || stage.signal.aborted) throw new Cancelled();
  if (optionId === 'always') stage.stopAsking();
  return optionId === 'allow' || optionId === 'always';
}
