import type { ToolCallItem } from "./agent-event.js";

/** One answer that the agent offers to its request for permission. `id` is the agent's. */
export interface PermissionOption {
	readonly id: string;
	readonly name: string;
	readonly kind:
		| "allow_once"
		| "allow_always"
		| "reject_once"
		| "reject_always";
}

/** A change that waits for permission, as the agent describes it. Its quality differs by agent: see `oldText`. */
export interface ProposedEdit {
	/** Absolute, or relative to the session's `cwd`, as the agent gave it. */
	readonly path: string;
	/** `undefined` for a new file; some agents send a snippet, or none for an existing file. */
	readonly oldText?: string;
	readonly newText: string;
}

/** The agent asks before it acts. The tool call is an item of the running turn whose events came before. */
export interface PermissionRequest {
	readonly turnId?: string;
	/** The item that asks. */
	readonly itemId: string;
	/** That item as it stands, with what the request said beyond it. */
	readonly toolCall: ToolCallItem;
	readonly options: readonly PermissionOption[];
	/** The diffs of the tool call, whole (the item's may be cut). */
	readonly edits: readonly ProposedEdit[];
}

/** What the user, a policy or a time-out decided. */
export type PermissionOutcome =
	| { readonly outcome: "selected"; readonly optionId: string }
	| { readonly outcome: "cancelled" };

/** The agent asks the user for something: a form (`schema`, a flat JSON Schema object) or to open a URL. */
export interface ElicitationRequest {
	readonly turnId?: string;
	readonly itemId?: string;
	readonly message: string;
	readonly mode: "form" | "url";
	readonly schema?: Readonly<Record<string, unknown>>;
	readonly url?: string;
}

/** The user's answer. */
export type ElicitationOutcome =
	| {
			readonly action: "accept";
			readonly content?: Readonly<
				Record<string, string | number | boolean | string[]>
			>;
	  }
	| { readonly action: "decline" }
	| { readonly action: "cancel" };
