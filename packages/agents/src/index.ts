// For servers that run agents.
export type {
	Agent,
	AgentCommand,
	AgentConfigOption,
	AgentHandler,
	AgentInfo,
	AgentMode,
	AgentTurn,
	AgentTurnResult,
	OpenAgentOptions,
	PromptBlock,
	StopReason,
} from "./agent.js";
export {
	AgentError,
	type AgentExit,
	AgentSettingError,
} from "./agent-error.js";
export type { AgentEvent, ToolCallItem } from "./agent-event.js";
export type { AgentAvailability, AgentCatalog } from "./catalog.js";
export type {
	AgentDefinition,
	AgentLaunch,
	AgentSettingName,
	AgentSettings,
	ApprovalPolicy,
} from "./definition.js";
export type {
	ElicitationOutcome,
	ElicitationRequest,
	PermissionOption,
	PermissionOutcome,
	PermissionRequest,
	ProposedEdit,
} from "./requests.js";
