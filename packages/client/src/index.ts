// For applications: the client, its results and errors, and the types of the contract that appear in them.
export type {
  AgentDescription,
  AgentLogin,
  AgentLoginMethod,
  AgentSession,
  AgentSessionList,
  ApplyPatchResponse,
  Approval,
  ApprovalDecision,
  ApprovalOption,
  ContentBlock,
  CreateSessionRequest,
  Delta,
  Elicitation,
  ElicitationAction,
  ErrorCode,
  ErrorData,
  ErrorDetail,
  Event,
  Item,
  Patch,
  PatchFile,
  PatchSummary,
  Problem,
  PromptContent,
  RevertPatchResponse,
  Session as SessionInfo,
  SessionStatus,
  Submission,
  SubmitResponse,
  ToolCallContent,
  ToolCallItem,
  TurnCompletedEvent,
  TurnStatus,
  Usage,
  UserMessageSubmission,
} from '@parleyhq/contract';
export { ServiceError } from '@parleyhq/contract';
export { findLocalServer } from '#local';
export {
  type Client,
  type ClientOptions,
  type CreateClient,
  createClient,
  type LocalClientOptions,
} from './create-client.js';
export { ConnectionError, TurnError, ValidationError } from './errors.js';
export type { HttpClient } from './http/create-http.js';
export type { Fetch, FetchInit, FetchResponse } from './http/fetch.js';
export type { TokenSource } from './http/token.js';
export {
  type LocalServer,
  LocalServerError,
  type LocalServerOptions,
  type LocalServerProblem,
} from './local/local-server.js';
export type { Logger } from './logger.js';
export type { CallOptions, CommandOptions } from './options.js';
export type { EventsOptions, HistoryOptions, InterruptOptions, Session } from './session.js';
export type { AgentSessionsOptions, ListOptions, Sessions } from './sessions.js';
export type { Backoff } from './stream/backoff.js';
export type { ConnectionStatus } from './stream/connection-status.js';
export type { EventStream } from './stream/event-stream.js';
export type { EventPosition, KnownEvent, SessionEvent, UnknownEvent } from './stream/session-event.js';
export type { StreamEnd } from './stream/stream-end.js';
export type { WebSocketConstructor, WebSocketLike } from './stream/web-socket.js';
export type { Turn, TurnReadOptions } from './turn.js';
