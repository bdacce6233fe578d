import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import type { PromptContent, Usage } from '@parleyhq/contract';
import type { AcpConnection, ContentBlock } from './acp/connection.js';
import type { AgentTurn, AgentTurnResult } from './agent.js';
import { AgentError } from './agent-error.js';
import type { EventPump } from './event-pump.js';
import type { UpdateMapper } from './map/map-update.js';
import { mapAnswerUsage, mapQuota } from './map/plan-and-usage.js';
import { compact } from './map/read.js';
import type { Replay } from './map/replay.js';
import { mapStopReason } from './map/stop-reason.js';
import type { UsageMeter } from './usage-meter.js';

/** The parts of an agent that a turn needs. */
export interface TurnParts {
  readonly connection: AcpConnection;
  readonly pump: EventPump;
  readonly mapper: UpdateMapper;
  readonly replay: Replay;
  readonly meter: UsageMeter;
  readonly acpSessionId: string;
  /** Aborted when the turn is cancelled. A turn that was not sent to the agent yet is never sent then. */
  readonly interrupted: AbortSignal;
  stderrSize(): number;
  /** The end of what was written to stderr since it had a size, without secrets. */
  stderrSince(size: number): string;
  /** Turns a failure into an error for people. */
  explain(error: unknown): Promise<Error>;
}

/** Gives an agent one message and waits for the end of the turn. The end comes after all updates of the turn. */
export async function runTurn(parts: TurnParts, turn: AgentTurn): Promise<AgentTurnResult> {
  const { connection, pump, mapper, replay, meter, acpSessionId } = parts;
  replay.prompted(turn.content.map((block) => (block.type === 'text' ? block.text : '')).join(''));
  const garbageBefore = connection.garbageLines;
  const stderrBefore = parts.stderrSize();
  await pump.step(() => {
    mapper.startTurn(turn.turnId);
    return [];
  });
  // Without this: begins a turn that was interrupted before
  const [outcome] = await Promise.allSettled([
    parts.interrupted.aborted
      ? { stopReason: 'cancelled', usage: undefined }
      : connection.prompt({ sessionId: acpSessionId, prompt: turn.content.map(mapPrompt) }),
  ]);
  const result = outcome.status === 'fulfilled' ? mapStopReason(outcome.value.stopReason) : undefined;
  // Also of a turn that fails: the next sum has it in it.
  const answer = outcome.status === 'fulfilled' ? outcome.value : undefined;
  const counted = mapAnswerUsage(answer);
  const ofTurn = counted && meter.turn(counted);
  let usage: Usage | undefined;
  let failure: string | undefined;
  const ended = pump.step(async () => {
    replay.end();
    failure = mapper.failure;
    const isEmpty = !mapper.spoke && failure === undefined && result?.cause === 'end_turn';
    // What it wrote to stderr before its answer is read by then.
    if (isEmpty) await nextTurnOfTheLoop();
    usage = ofTurn ?? mapQuota(answer) ?? mapper.usage;
    // Without this: shows nothing at all for a message that the agent could not answer
    const empty = isEmpty ? mapper.notice('empty_turn', emptyTurn(parts.stderrSince(stderrBefore))) : [];
    return [
      ...empty,
      ...garbageNotice(mapper, connection.garbageLines - garbageBefore),
      ...mapper.endTurn(failure !== undefined || result?.status !== 'completed'),
    ];
  });
  // Without this: does not tell who was asked that the turn is over
  pump.withdraw(); // the agent no longer waits for answers of this turn
  // Without this: ends a turn before the last that the agent said in it
  await ended;
  if (pump.failure() !== undefined) {
    throw new AgentError('exit', 'The agent was ended: its events could not be taken', { cause: pump.failure() });
  }
  if (outcome.status === 'rejected') throw await parts.explain(outcome.reason);
  if (failure !== undefined) throw await parts.explain(new AgentError('turn', failure));
  if (result === undefined) {
    const reason = outcome.value.stopReason.slice(0, 256);
    throw await parts.explain(
      new AgentError('turn', `The agent ended the turn for a reason that ACP does not have: ${reason}`),
    );
  }
  return { ...result, ...(usage && { usage }) };
}

/** A notice about a turn in which nothing came, at most 4 KiB. */
function emptyTurn(stderr: string): string {
  const said = stderr
    .trim()
    .slice(-4_000)
    .replace(/^[\uDC00-\uDFFF]/, '');
  return `The agent ended its turn and said nothing. ${said === '' ? 'It wrote nothing to stderr either.' : `It wrote to stderr: ${said}`}`;
}

function garbageNotice(mapper: UpdateMapper, lines: number) {
  if (lines === 0) return [];
  const what = lines === 1 ? 'a line that is' : `${lines} lines that are`;
  return mapper.notice('agent_output_ignored', `The agent printed ${what} no JSON.`);
}

/** A part of a message, as ACP has it. */
export function mapPrompt(block: PromptContent): ContentBlock {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'image':
      return compact({ type: 'image' as const, data: block.data, mimeType: block.mime_type, uri: block.uri });
    case 'resource_link':
      return compact({
        type: 'resource_link' as const,
        uri: block.uri,
        name: block.name,
        title: block.title,
        description: block.description,
        mimeType: block.mime_type,
        size: block.size,
      });
  }
}
