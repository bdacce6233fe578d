/** A text in the two languages of the demo agent. A plain string is used for both. */
export type Text = string | { readonly en: string; readonly zh: string };

/** The new content of a file. It is shown as a diff and written once it is allowed. */
export interface EditStep {
  /** Inside the working directory. */
  readonly path: string;
  readonly content: string;
}

/** One thing that a scenario does. */
export type Step =
  | { readonly think: Text }
  | { readonly say: Text }
  | { readonly plan: readonly { readonly content: Text; readonly status: 'pending' | 'in_progress' | 'completed' }[] }
  | { readonly edits: readonly EditStep[]; readonly allowed?: readonly Step[]; readonly rejected?: readonly Step[] }
  | { readonly run: readonly string[]; readonly ask_first?: boolean; readonly rejected?: readonly Step[] }
  | {
      readonly question: Text;
      readonly fields: Readonly<Record<string, object>>;
      readonly accepted: readonly Step[];
      readonly declined: readonly Step[];
    }
  | { readonly flood: number }
  | { readonly wait_for_cancel: true }
  | { readonly stop: 'refusal' | 'max_tokens' | 'max_turn_requests' }
  | { readonly fail: Text }
  | { readonly exit: number };

/** What the demo agent does in one turn. */
export interface Scenario {
  /** A prompt with `/name` in it chooses this scenario. */
  readonly name: string;
  readonly description: string;
  readonly steps: readonly Step[];
  /** What it does by itself, after it has ended the turn. */
  readonly later?: readonly Step[];
}
