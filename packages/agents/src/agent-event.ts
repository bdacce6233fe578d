import type {
  ItemCompletedEvent,
  ItemDeltaEvent,
  ItemStartedEvent,
  ItemUpdatedEvent,
  NoticeEvent,
  PlanUpdatedEvent,
  SessionUpdatedEvent,
  UsageUpdatedEvent,
} from '@parleyhq/contract';

/**
 * The variants of the contract's Event that come from an agent. Each has at most 256 KiB, and carries its `turn_id` inside a
 * turn. The server itself makes all other events of a session.
 */
export type AgentEvent =
  | ItemStartedEvent
  | ItemDeltaEvent
  | ItemUpdatedEvent
  | ItemCompletedEvent
  | PlanUpdatedEvent
  | UsageUpdatedEvent
  | SessionUpdatedEvent
  | NoticeEvent;
