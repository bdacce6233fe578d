/** The scripted model's answer to one request. */
export type ModelStep = AnswerStep | FailStep;

/** Text, or (after some text) a call of one of the agent's tools. */
export type AnswerStep =
  | { readonly kind: 'say'; readonly deltas: readonly string[] }
  | { readonly kind: 'read'; readonly say?: readonly string[]; readonly path: string }
  | { readonly kind: 'edit'; readonly say?: readonly string[]; readonly edit: FileEdit }
  | { readonly kind: 'run'; readonly say?: readonly string[]; readonly command: string }
  | { readonly kind: 'call'; readonly say?: readonly string[]; readonly tool: string; readonly input: object };

/** A refusal of the request with an HTTP status. */
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
 * gets the same answer twice, and every user message starts the script from the top; or, where there is a script for
 * each message, that message's.
 */
export type ModelScript = readonly ModelStep[] | Readonly<Record<string, readonly ModelStep[]>>;

/** What was said in a conversation before a request, as its agent tells the model. */
export interface Said {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** What a request of an agent asks the model for, whatever the vendor's wire format. */
export interface ModelRequest {
  /** The model's name. */
  readonly model: string;
  /** The names of the tools that the model may call; a tool without a name has its type. */
  readonly tools: readonly string[];
  /** How hard the model should think, if the agent says so. */
  readonly effort?: string;
  /** The texts of the conversation, in order; what an agent adds in the user's name in angle brackets is left out. */
  readonly said: readonly Said[];
  /** How many tool outputs follow the last user message. */
  readonly toolOutputs: number;
  /** False for an auxiliary request (for a title or a summary), which offers no editing tool. */
  readonly canEdit: boolean;
}

/** Picks the step that answers a request. After the end of the script it answers that the script has ended. */
export function stepFor(script: ModelScript, request: ModelRequest): ModelStep {
  if (!request.canEdit) return { kind: 'say', deltas: ['A sort function'] };
  const asked = request.said.findLast(({ role }) => role === 'user')?.text ?? '';
  const steps: readonly ModelStep[] = isList(script) ? script : (script[asked] ?? []);
  return steps[request.toolOutputs] ?? { kind: 'say', deltas: ['The script has no further step.'] };
}

function isList(script: ModelScript): script is readonly ModelStep[] {
  return Array.isArray(script);
}

/** A text of the conversation, unless the agent added it by itself. */
export function readSaid(role: string | undefined, text: string | undefined): readonly Said[] {
  if (!text || text.startsWith('<') || text.startsWith('[Request interrupted')) return [];
  return role === 'user' || role === 'assistant' ? [{ role, text }] : [];
}
