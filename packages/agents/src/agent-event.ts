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
 * What an agent can cause: these variants of the contract's Event, each at most 256 KiB, inside a turn with its
 * `turn_id`. Everything else in a session's log is the server's own.
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
