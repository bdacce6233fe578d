import type { ApprovalPolicy, ApprovalRule } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { ByteBudget } from '../byte-budget.js';
import type { CheckedLimits } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import type { Differ } from '../patches/differ.js';
import type { RecentPages } from '../stream/recent-pages.js';
import type { IsolatedWorkspace } from '../workspace/isolated-workspace.js';
import type { AllowedPlaces } from '../workspace/roots.js';
import type { OpenSessionAgent } from './agent-slot.js';

/** The limits of one session. */
export type SessionLimits = Pick<
  CheckedLimits,
  | 'maxQueuedTurns'
  | 'maxWaitingSizePerSession'
  | 'interruptGraceMs'
  | 'configureTimeoutMs'
  | 'logPatienceMs'
  | 'patchIntervalMs'
  | 'maxPatchBytes'
  | 'applyTimeoutMs'
  | 'maxTurnSilenceMs'
  | 'agentTurnIdleMs'
  | 'agentIdleMs'
>;

/** The options of a session. */
export interface SessionOptions {
  readonly sessionId: string;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly openAgent: OpenSessionAgent;
  /** A folder of the server for files of this session that are not in the log. */
  readonly folder: string;
  /** Erases what is kept of it that is secret. */
  readonly forgetSecrets: () => Promise<void>;
  /** The copy that the agent works in; undefined if it works in `cwd`. */
  readonly isolated: IsolatedWorkspace | undefined;
  readonly places: AllowedPlaces;
  /** Makes the diffs of all sessions. */
  readonly differ: Differ;
  /** The characters of what waits in all sessions, by account. */
  readonly waiting: ByteBudget;
  /** The recent events of all sessions, which are kept in memory. */
  readonly recentPages: RecentPages;
  readonly limits: SessionLimits;
  /** The most permissive policy that the operator allows. */
  readonly maxApprovalPolicy: ApprovalPolicy;
  /** The operator's rules, for every session. */
  readonly approvalRules: readonly ApprovalRule[];
}
