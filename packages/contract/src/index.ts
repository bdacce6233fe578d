// Everything that is generated from the two documents. For applications: types, the error table, ServiceError. For
// libraries that implement the contract: handler interfaces, codecs, validators, the handshake.

export {
  encodeEventsClientFrame as encodeClientFrame,
  encodeEventsServerFrame as encodeServerFrame,
  parseEventsClientFrame as parseClientFrame,
  parseEventsServerFrame as parseServerFrame,
} from './gen/asyncapi/codec.js';
export type { EventsClientFrame as ClientFrame, EventsServerFrame as ServerFrame } from './gen/asyncapi/frames.js';
export {
  contentBlockTypes,
  deltaTypes,
  eventTypes,
  itemTypes,
  promptContentTypes,
  submissionTypes,
  toolCallContentTypes,
} from './gen/asyncapi/frames.js';
export type {
  EventsClientHandlers,
  EventsServerHandlers,
} from './gen/asyncapi/handlers.js';
export { handleEventsClientFrame, handleEventsServerFrame } from './gen/asyncapi/handlers.js';
export type { EventsHandshake, EventsParameters, Handshake } from './gen/asyncapi/handshake.js';
export { buildEventsUrl, parseHandshake } from './gen/asyncapi/handshake.js';
export {
  strictErrorData,
  strictEvent,
  strictEventFrame,
  strictEventsClientFrame as strictClientFrame,
  strictEventsServerFrame as strictServerFrame,
  strictSubmission,
} from './gen/asyncapi/strict.js';
export {
  tolerantErrorData,
  tolerantEvent,
  tolerantEventFrame,
  tolerantEventsServerFrame as tolerantServerFrame,
} from './gen/asyncapi/tolerant.js';
export type {
  ClientFrameId,
  ClientHeartbeatFrame,
  ConnectionAck,
  ConnectionAckFrame,
  ErrorFrame,
  EventsQuery,
  HeartbeatData,
  Limits,
  ServerHeartbeatFrame,
  SubmissionFrame,
} from './gen/asyncapi/types.js';
export type { CloseCode, CloseEntry, ErrorCode, ErrorEntry } from './gen/errors.js';
export { closeCodes, errorDescriptions, errors } from './gen/errors.js';
export type {
  AgentCapability,
  AgentCommand,
  AgentDescription,
  AgentList,
  AgentMessageItem,
  AgentMode,
  AgentModes,
  AgentName,
  ApplyPatchResponse,
  Approval,
  ApprovalDecision,
  ApprovalOption,
  ApprovalPolicy,
  ApprovalRequestedEvent,
  ApprovalResolvedEvent,
  ApprovalSubmission,
  ApprovalTimeout,
  AudioContent,
  Budget,
  CommandOutputContent,
  CommandOutputDelta,
  ConfigOption,
  ConfigureSubmission,
  ConfigValue,
  ContentBlock,
  ContentDelta,
  CreateSessionRequest,
  Cursor,
  components,
  Delta,
  DiffContent,
  Elicitation,
  ElicitationAction,
  ElicitationRequestedEvent,
  ElicitationResolvedEvent,
  ElicitationSubmission,
  ErrorData,
  ErrorDetail,
  Event,
  EventFrame,
  EventId,
  Failure,
  FileProblem,
  Health,
  History,
  Id,
  IdempotencyKey,
  ImageContent,
  InterruptSubmission,
  Item,
  ItemCompletedEvent,
  ItemDeltaEvent,
  ItemStartedEvent,
  ItemUpdatedEvent,
  LoginRequest,
  LoginResponse,
  LoginStatus,
  McpServer,
  McpServerName,
  McpServerRequest,
  McpTransport,
  Metadata,
  NoticeEvent,
  operations,
  ParentItemId,
  Patch,
  PatchAppliedEvent,
  PatchFile,
  PatchRequest,
  PatchRevertedEvent,
  PatchSummary,
  PatchUpdatedEvent,
  PlanEntry,
  PlanUpdatedEvent,
  PromptContent,
  paths,
  QueuedTurn,
  ReasoningItem,
  ResolvedBy,
  ResourceContent,
  ResourceLinkContent,
  RevertPatchResponse,
  RevertRequest,
  Scope,
  Session,
  SessionClosedEvent,
  SessionCreatedEvent,
  SessionId,
  SessionList,
  SessionStatus,
  SessionUpdatedEvent,
  Submission,
  SubmissionAcceptedEvent,
  SubmissionId,
  SubmitResponse,
  TextContent,
  TextDelta,
  Timestamp,
  ToolCallChanges,
  ToolCallContent,
  ToolCallItem,
  ToolCallLocation,
  ToolCallStatus,
  ToolKind,
  ToolName,
  TurnCause,
  TurnCompletedEvent,
  TurnOrigin,
  TurnStartedEvent,
  TurnStatus,
  Usage,
  UsageUpdatedEvent,
  UserMessageItem,
  UserMessageSubmission,
  Workspace,
} from './gen/openapi.js';
export { operationIds } from './gen/operation-ids.js';
export type { RequestValidators } from './gen/requests.js';
export { requestValidators } from './gen/requests.js';
export type { ResponseValidators } from './gen/responses.js';
export { responseValidators } from './gen/responses.js';
export { strictResponseValidators } from './gen/strict-responses.js';
export type { ServiceErrorFacts } from './service-error.js';
export { ServiceError } from './service-error.js';
export type { Problem, Validation, Validator } from './validate/problems.js';
export { describe } from './validate/problems.js';
export type { HandshakeHeaders } from './validate/request.js';
export type { Parsed } from './validate/text.js';
export { wellFormedJson } from './validate/well-formed.js';
