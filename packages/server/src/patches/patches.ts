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

/** What an agent wants to change in a session's files, and the user's say in it: one for each kind of workspace. */
export interface Patches {
  /** @throws ServiceError `NoPendingPatch` */
  current(): Promise<Patch>;
  apply(request: PatchRequest, record: RecordAnswer<ApplyPatchResponse>): Promise<ApplyPatchResponse>;
  revert(request: RevertRequest, record: RecordAnswer<RevertPatchResponse>): Promise<RevertPatchResponse>;
  /** Whether what the agent asks for changes nothing of the user's: then the policy allows it and nobody is asked. */
  allows(request: PermissionRequest): boolean;
  /** The user is asked for consent to this. */
  asked(approvalId: string, request: PermissionRequest): Promise<void>;
  /** These approvals wait no longer. */
  answered(approvalIds: readonly string[]): void;
  /** Listens to what the agent says and asks, on its way to the session. */
  listen(handler: AgentHandler): AgentHandler;
  /** Resolves when no patch is being applied and the pending one is told: what belongs to a turn comes before its end. */
  settled(): Promise<void>;
  /** What becomes of the pending patch at an end, for the append that tells it. */
  ending(what: 'turn' | 'session'): Event[];
  /** Stops looking for changes, and resolves when no patch is being applied. */
  rest(): Promise<void>;
  /** After a restart: brings log and files into agreement. */
  recover(): Promise<void>;
  /** Forgets everything that is kept beside the log. */
  clear(): Promise<void>;
}

/** As many files as one event lists, and as many characters; `getPatch` has them all. */
const LISTED_FILES = 200;
const LISTED_SIZE = 65_536;

/** As much as the schema of errors takes. */
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

/** What `patch_updated` says of a patch. */
export function summaryOf({ patch_id, files }: { patch_id: string; files: readonly PatchFile[] }): PatchSummary {
  const sum = (count: 'additions' | 'deletions') => files.reduce((total, file) => total + file[count], 0);
  return { patch_id, ...listedFiles(files), additions: sum('additions'), deletions: sum('deletions') };
}

/** The turn of an event that may come between turns. */
export function inTurn({ head }: Journal): { turn_id?: string } {
  const { turn_id } = head.state;
  return turn_id === null ? {} : { turn_id };
}

/** The refusal where nothing waits. */
export function noPending(): ServiceError {
  return new ServiceError('NoPendingPatch', 'The agent wants to change nothing at the moment.');
}

/** @throws ServiceError `PatchSuperseded` unless the patch that is asked for is the pending one. */
export function checkPatchId(asked: string | undefined, pending: string): void {
  // Without this: applies another patch than the one that was shown
  if (asked === undefined || asked === pending) return;
  throw new ServiceError('PatchSuperseded', `The pending patch is ${pending} by now; fetch it and decide again.`);
}

/** @throws ServiceError `NothingToRevert` unless the patch that is asked for is the one applied last. */
export function checkLastApplied(journal: Journal, asked: string): { patch_id: string; files: PatchFile[] } {
  const last = journal.head.applied.at(-1);
  if (last?.patch_id === asked) return last;
  const lastly = last === undefined ? 'no patch has been applied' : `the last one applied is ${last.patch_id}`;
  throw new ServiceError('NothingToRevert', `Patch ${asked} cannot be reverted: ${lastly}.`);
}

/** What stands in the way of every file: the directory itself, looked at now, at the time of use. */
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
