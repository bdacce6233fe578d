/** One thing the scripted model does in answer to one request. */
export type ModelStep = AnswerStep | FailStep;

/** Text, or (after some text) a call of one of the agent's tools. */
export type AnswerStep =
  | { readonly kind: 'say'; readonly deltas: readonly string[] }
  | { readonly kind: 'read'; readonly say?: readonly string[]; readonly path: string }
  | { readonly kind: 'edit'; readonly say?: readonly string[]; readonly edit: FileEdit }
  | { readonly kind: 'call'; readonly say?: readonly string[]; readonly tool: string; readonly input: object };

/** A refusal of the request as such, with an HTTP status. */
export interface FailStep {
  readonly kind: 'fail';
  readonly status: number;
  readonly message: string;
}

/** An edit of one file of the working directory. `before` is null for a file that does not exist yet. */
export interface FileEdit {
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
}

/**
 * What the model does, turn by turn of the agent's own loop: the step at index N answers a request whose last user
 * message was followed by N tool outputs. So the model keeps no state: a request that an agent sends twice (a retry)
 * gets the same answer twice, and every user message starts the script from the top.
 */
export type ModelScript = readonly ModelStep[];

/** What a request of an agent asks the model for, whatever the vendor's wire format. */
export interface ModelRequest {
  /** The model's name. */
  readonly model: string;
  /** The names of the tools that the model may call; a tool without a name has its type. */
  readonly tools: readonly string[];
  /** How hard the model is to think, where the agent says so. */
  readonly effort?: string;
  /** How many tool outputs follow the last user message. */
  readonly toolOutputs: number;
  /** False for an auxiliary request (a title, a summary), which offers no tool that edits. */
  readonly canEdit: boolean;
}

/** Picks the step that answers a request; a script that has ended says so instead of looping. */
export function stepFor(script: ModelScript, request: ModelRequest): ModelStep {
  if (!request.canEdit) return { kind: 'say', deltas: ['A sort function'] };
  return script[request.toolOutputs] ?? { kind: 'say', deltas: ['The script has no further step.'] };
}
