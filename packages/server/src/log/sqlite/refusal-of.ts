import { LogError } from '../event-log.js';
import type { Refusal } from './sqlite-operations.js';

/** Encodes an error for the passage from the thread. An error other than LogError becomes `unavailable`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof LogError) return { reason: error.reason, message: error.message };
  if (!(error instanceof Error)) return { reason: 'unavailable', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { reason: 'unavailable', message: error.message, ...code };
}
