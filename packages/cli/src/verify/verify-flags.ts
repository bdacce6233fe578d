import type { Level, SuiteName } from '@parleyhq/conformance';
import type { RequestedReport } from './reports.js';

/** The options of `parley verify`. */
export interface VerifyFlags {
  readonly token?: string;
  readonly token2?: string;
  readonly dataDir?: string;
  readonly cwd?: string;
  readonly agent?: string;
  readonly restart?: string;
  readonly client?: string;
  readonly level: Level;
  readonly suite?: readonly SuiteName[];
  readonly rule?: readonly string[];
  readonly seed?: number;
  readonly strict?: boolean;
  /** Seconds. */
  readonly patience?: number;
  readonly report?: readonly RequestedReport[];
  readonly list?: boolean;
}
