import type { AgentHandler, PermissionRequest } from '@parleyhq/agents';
import {
  type ApplyPatchResponse,
  type Event,
  type FileProblem,
  type Patch,
  type PatchFile,
  type PatchRequest,
  type PatchSummary,
  type RevertPatchResponse,
  type RevertRequest,
  ServiceError,
} from '@parleyhq/contract';
import type { RecordAnswer } from '../journal/idempotency.js';
import type { Journal } from '../journal/journal.js';
import { type AllowedPlaces, problemOfCwd } from '../workspace/roots.js';

/** The changes of a session's agent to files, and the user's decisions on them. Each kind of workspace has its own. */
export interface Patches {
  /** @throws ServiceError `NoPendingPatch` */
  current(): Promise<Patch>;
  apply(request: PatchRequest, record: RecordAnswer<ApplyPatchResponse>): Promise<ApplyPatchResponse>;
  revert(request: RevertRequest, record: RecordAnswer<RevertPatchResponse>): Promise<RevertPatchResponse>;
  /** Whether a request cannot change the user's files. Then it is allowed by policy and nobody is asked. */
  allows(request: PermissionRequest): boolean;
  /** To be called when the user is asked for consent to a request. */
  asked(approvalId: string, request: PermissionRequest): Promise<void>;
  /** To be called when these approvals are no longer pending. */
  answered(approvalIds: readonly string[]): void;
  /** Wraps the session's handler, to see the events and requests of the agent first. */
  listen(handler: AgentHandler): AgentHandler;
  /** Resolves when no patch is being applied and the pending one is announced. Called before a turn ends. */
  settled(): Promise<void>;
  /** The events that clear the pending patch at the end of a turn or session, for the append of that end. */
  ending(what: 'turn' | 'session'): Event[];
  /** Stops watching for changes, and resolves when no patch is being applied. */
  rest(): Promise<void>;
  /** After a restart: makes the files agree with the log. */
  recover(): Promise<void>;
  /** Deletes everything that is kept outside of the log. */
  clear(): Promise<void>;
}

/** The most files that one event lists, and the most characters of the list. `getPatch` lists more. */
const LISTED_FILES = 200;
const LISTED_SIZE = 65_536;

/** The limits of the schema of errors. */
const MAX_DETAILS = 64;
const MAX_POINTER = 1_024;
const MAX_MESSAGE = 8_192;

/** The files of a patch as far as an event can list them. */
export function listedFiles(files: readonly PatchFile[]): { files: PatchFile[]; files_truncated?: number } {
  let size = 0;
  const listed: PatchFile[] = [];
  for (const file of files) {
    size += JSON.stringify(file).length;
    if (listed.length === LISTED_FILES || size > LISTED_SIZE) break;
    listed.push(file);
  }
  return { files: listed, ...(listed.length < files.length ? { files_truncated: files.length - listed.length } : {}) };
}

/** The summary of a patch for `patch_updated`. */
export function summaryOf(patch_id: string, files: readonly PatchFile[]): PatchSummary {
  const sum = (count: 'additions' | 'deletions') => files.reduce((total, file) => total + file[count], 0);
  return { patch_id, ...listedFiles(files), additions: sum('additions'), deletions: sum('deletions') };
}

/** The `turn_id` of an event, if a turn is running. */
export function inTurn({ head }: Journal): { turn_id?: string } {
  const { turn_id } = head.state;
  return turn_id === null ? {} : { turn_id };
}

/** The refusal if there is no pending patch. */
export function noPending(): ServiceError {
  return new ServiceError('NoPendingPatch', 'The agent wants to change nothing at the moment.');
}

/** @throws ServiceError `PatchSuperseded` unless the requested patch is the pending one, or none is named. */
export function checkPatchId(asked: string | undefined, pending: string): void {
  // Without this: applies another patch than the one that was shown
  if (asked === undefined || asked === pending) return;
  throw new ServiceError('PatchSuperseded', `The pending patch is ${pending} by now; fetch it and decide again.`);
}

/** @throws ServiceError `NothingToRevert` unless the requested patch is the one that was applied last. */
export function checkLastApplied(journal: Journal, asked: string): { patch_id: string; files: PatchFile[] } {
  const last = journal.head.applied.at(-1);
  if (last?.patch_id === asked) return last;
  const lastly = last === undefined ? 'no patch has been applied' : `the last one applied is ${last.patch_id}`;
  throw new ServiceError('NothingToRevert', `Patch ${asked} cannot be reverted: ${lastly}.`);
}

/** The problem with the directory itself, if there is one. It is checked at the time of use. */
export async function cwdProblems(cwd: string, places: AllowedPlaces): Promise<FileProblem[]> {
  const reason = await problemOfCwd(cwd, places);
  return reason === undefined ? [] : [{ path: '.', reason }];
}

/** The refusal that names each file and its reason. */
export function patchConflict(message: string, problems: readonly FileProblem[]): ServiceError {
  const details = problems.slice(0, MAX_DETAILS).map(({ path, reason }) => ({
    pointer: `/files/${path.replace(/~/g, '~0').replace(/\//g, '~1')}`.slice(0, MAX_POINTER),
    message: `${path}: ${reason}`.slice(0, MAX_MESSAGE),
  }));
  return new ServiceError('PatchConflict', message, { details });
}
