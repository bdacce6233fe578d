import { closeSync, openSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { createFailureLimit } from '../auth/failure-limit.js';
import { OptionError } from '../option-error.js';

/** One line of the audit log: who did what, and with which outcome. Never the content of a message, and never a secret. */
export interface AuditEntry {
  readonly action: string;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  readonly request_id: string;
  /** The client's address. */
  readonly ip: string;
  readonly account?: string | undefined;
  /** An id of the credential that reveals nothing of its secret. */
  readonly credential?: string | undefined;
  readonly session_id?: string | undefined;
  /** Details of the action: ids, kinds and counts. */
  readonly [fact: string]: string | number | boolean | undefined;
}

/** The record of what callers did to sessions and credentials. */
export interface Audit {
  record(entry: AuditEntry): void;
  /** Records a refusal. Anybody can cause refusals, so only a limited number is written per minute; the rest is counted. */
  refused(entry: AuditEntry): void;
  /** Closes its file. */
  close(): void;
}

/** Where an audit log goes. */
export interface AuditOptions {
  /** Gets the lines (level info, `audit: true`) if there is no file, and an error if the file cannot be written. */
  readonly logger: Logger;
  /** The file to append to. It is created so that only its owner can read it. */
  readonly file?: string | undefined;
  readonly maxRefusalsPerMinute: number;
}

/**
 * Opens the audit log: lines of JSON in a separate file, or among those of the log.
 *
 * @throws OptionError if the file cannot be written.
 */
export function openAudit({ logger, file, maxRefusalsPerMinute }: AuditOptions): Audit {
  const fd = file === undefined ? undefined : open(file);
  const lines = fd === undefined ? logger.child({ audit: true }) : toFile(fd, logger);
  const allowance = createFailureLimit({ failures: maxRefusalsPerMinute });
  let suppressed = 0;
  let closed = false;
  // After the file is closed, its descriptor may belong to another file.
  const write = (entry: AuditEntry) => {
    if (!closed) lines.info(entry, 'audit');
  };

  return {
    record: write,

    refused(entry) {
      if (allowance.fail() !== undefined) {
        suppressed += 1;
        return;
      }
      write(suppressed > 0 ? { ...entry, suppressed } : entry);
      suppressed = 0;
    },

    close() {
      if (fd !== undefined && !closed) closeSync(fd);
      closed = true;
    },
  };
}

function open(file: string): number {
  try {
    return openSync(file, 'a', 0o600);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OptionError('auditLog', `expected a file to append to, got ${file} (${reason})`);
  }
}

// Synchronous: each line is written before its request is answered, so none is lost when the process ends.
function toFile(fd: number, logger: Logger): Logger {
  const destination = pino.destination({ fd, sync: true });
  destination.on('error', (err: Error) => logger.error({ err }, 'the audit log could not be written'));
  const formatters = { level: (label: string) => ({ level: label }) };
  const timestamp = pino.stdTimeFunctions.isoTime;
  return pino({ base: { audit: true }, timestamp, formatters }, destination);
}
