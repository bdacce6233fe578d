/** PROVISIONAL: replaced by the contract's generated Event and Item as soon as they are there. */
export type AgentEvent = { readonly type: string; readonly turn_id?: string };

/** PROVISIONAL, as above. */
export interface ToolCallItem {
	readonly item_id: string;
	readonly type: "tool_call";
	readonly title: string;
}
