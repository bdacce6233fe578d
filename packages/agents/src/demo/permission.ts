import type { ToolCallUpdate } from '@agentclientprotocol/sdk';

import { Cancelled, type Stage } from './stage.js';

/** Asks the user for permission. False when it was rejected; throws `Cancelled`. */
export async function askPermission(stage: Stage, toolCall: ToolCallUpdate): Promise<boolean> {
  const { outcome } = await stage.client.request('session/request_permission', {
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
  });
  if (outcome.outcome === 'cancelled' || stage.signal.aborted) throw new Cancelled();
  if (outcome.optionId === 'always') stage.stopAsking();
  return outcome.optionId === 'allow' || outcome.optionId === 'always';
}
