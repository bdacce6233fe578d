/** PROVISIONAL, by hand after openapi.yaml: becomes aliases of the contract's generated types. */
export type TextContent = { type: 'text'; text: string; truncated_bytes?: number };
export type ImageContent = { type: 'image'; mime_type: string; data: string; uri?: string };
export type AudioContent = { type: 'audio'; mime_type: string; data: string };
export type ResourceLinkContent = {
  type: 'resource_link';
  uri: string;
  name: string;
  title?: string;
  description?: string;
  mime_type?: string;
  size?: number;
};
export type ResourceContent = {
  type: 'resource';
  uri: string;
  mime_type?: string;
  text?: string;
  data?: string;
  truncated_bytes?: number;
};
export type DiffContent = {
  type: 'diff';
  path: string;
  old_text: string | null;
  new_text: string;
  truncated_bytes?: number;
};
export type CommandOutputContent = {
  type: 'command_output';
  text: string;
  exit_code?: number | null;
  signal?: string | null;
  truncated_bytes?: number;
};
export type PromptContent = TextContent | ImageContent | ResourceLinkContent;
export type ContentBlock = TextContent | ImageContent | AudioContent | ResourceLinkContent | ResourceContent;
export type ToolCallContent = ContentBlock | DiffContent | CommandOutputContent;
export type UserMessageItem = { type: 'user_message'; item_id: string; content: ContentBlock[] };
export type AgentMessageItem = { type: 'agent_message'; item_id: string; content: ContentBlock[] };
export type ReasoningItem = { type: 'reasoning'; item_id: string; content: ContentBlock[] };
export type ToolKind =
  | 'read'
  | 'edit'
  | 'delete'
  | 'move'
  | 'search'
  | 'execute'
  | 'think'
  | 'fetch'
  | 'switch_mode'
  | 'other';
export type ToolCallStatus = 'pending' | 'in_progress' | 'completed' | 'failed';
export type ToolCallLocation = { path: string; line?: number };
export type ToolCallItem = {
  type: 'tool_call';
  item_id: string;
  tool_call_id: string;
  title: string;
  kind: ToolKind;
  status: ToolCallStatus;
  content: ToolCallContent[];
  locations: ToolCallLocation[];
  raw_input?: unknown;
  raw_output?: unknown;
};
export type Item = UserMessageItem | AgentMessageItem | ReasoningItem | ToolCallItem;
export type ToolCallChanges = Partial<Omit<ToolCallItem, 'type' | 'item_id' | 'tool_call_id'>>;
export type Delta =
  | { type: 'text'; text: string; truncated_bytes?: number }
  | { type: 'content'; content: ToolCallContent }
  | { type: 'command_output'; text: string; truncated_bytes?: number };
export type PlanEntry = {
  content: string;
  priority: 'high' | 'medium' | 'low';
  status: 'pending' | 'in_progress' | 'completed';
};
export type Usage = {
  context_used?: number;
  context_size?: number;
  input_tokens?: number;
  output_tokens?: number;
  cached_tokens?: number;
  reasoning_tokens?: number;
  total_tokens?: number;
  cost_amount?: number;
  cost_currency?: string;
};
export type AgentMode = { mode_id: string; name: string; description?: string };
export type AgentModes = { current: string; available: AgentMode[] };
export type AgentCommand = { name: string; description: string; input_hint?: string };
export type ConfigValue = { value: string; name: string; description?: string; group?: string };
export type ConfigOption = {
  config_id: string;
  name: string;
  description?: string;
  category?: string;
  kind: 'select' | 'boolean';
  value: string | boolean;
  values: ConfigValue[];
};
export type ApprovalOption = {
  option_id: string;
  name: string;
  kind: 'allow_once' | 'allow_always' | 'reject_once' | 'reject_always';
};
export type ApprovalPolicy = 'ask' | 'auto' | 'deny';
export type TurnStatus = 'completed' | 'interrupted' | 'failed' | 'refused' | 'limit_reached';
export type TurnCause = 'end_turn' | 'cancelled_by_agent' | 'refusal' | 'max_tokens' | 'max_turn_requests';

export type ItemStartedEvent = { type: 'item_started'; turn_id: string; item: Item };
export type ItemDeltaEvent = { type: 'item_delta'; turn_id: string; item_id: string; delta: Delta };
export type ItemUpdatedEvent = { type: 'item_updated'; turn_id: string; item_id: string; changes: ToolCallChanges };
export type ItemCompletedEvent = { type: 'item_completed'; turn_id: string; item: Item };
export type PlanUpdatedEvent = { type: 'plan_updated'; turn_id: string; entries: PlanEntry[] };
export type UsageUpdatedEvent = { type: 'usage_updated'; turn_id?: string; usage: Usage };
export type SessionUpdatedEvent = {
  type: 'session_updated';
  turn_id?: string;
  title?: string | null;
  modes?: AgentModes;
  current_mode?: string;
  commands?: AgentCommand[];
  config_options?: ConfigOption[];
};
export type NoticeEvent = {
  type: 'notice';
  turn_id?: string;
  level: 'info' | 'warning' | 'error';
  code: string;
  message: string;
};
