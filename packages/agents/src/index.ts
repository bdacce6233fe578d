// For servers that run agents.
export type {
  Agent,
  AgentHandler,
  AgentInfo,
  AgentTurn,
  AgentTurnResult,
  OpenAgentOptions,
  ShownSettings,
  StopReason,
} from './agent.js';
export { AgentError, type AgentExit, AgentSettingError, AgentUnsupportedError } from './agent-error.js';
export type { AgentEvent } from './agent-event.js';
export type { McpServerLaunch, Surroundings } from './capabilities.js';
export { type RecordProcessOptions, recordProcess } from './cassette/record-process.js';
export { type ReplayOptions, readReplayOptions } from './cassette/replay-options.js';
export { replayProcess } from './cassette/replay-process.js';
export {
  type AgentAvailability,
  type AgentCatalog,
  type AgentCatalogOptions,
  createAgentCatalog,
} from './catalog/catalog.js';
export type { OperatorAgent } from './catalog/operator-agent.js';
export { demoInMemory } from './catalog/presets.js';
export type { AgentDefinition, AgentLaunch, AgentSettingName, AgentSettings, Environment } from './definition.js';
export { ACP_VERSIONS, ASKS } from './definition.js';
export { createEditBudget, type EditBudget } from './edit-budget.js';
export type { KeptSession, KeptSessions } from './list-sessions.js';
export { listSessions } from './list-sessions.js';
export { type LogInAgentOptions, logInAgent } from './log-in-agent.js';
export { findOption } from './map/find-option.js';
export type { History, HistoryTurn } from './map/history.js';
export { openAgent } from './open-agent.js';
export { reapAgents } from './process/registry.js';
export { signalGroup } from './process/signal-group.js';
export { processStartTime } from './process/start-time.js';
export type {
  ElicitationOutcome,
  ElicitationRequest,
  PermissionOutcome,
  PermissionRequest,
  ProposedEdit,
} from './requests.js';
export { createSharedRead } from './shared-read.js';
export { addTokens } from './usage-meter.js';
