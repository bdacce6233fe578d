import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Reads when a token expires: a duration from now, for example `30d`, or an ISO 8601 date. Returns milliseconds since
 * the epoch.
 *
 * @throws InvalidArgumentError for anything else, and for a time in the past.
 */
export function readExpiry(text: string, now = Date.now()): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const isDate = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(text);
  const end =
    count !== undefined ? now + Number(count) * (UNITS[unit] ?? Number.NaN) : isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(end)) {
    throw new InvalidArgumentError('Expected a duration such as 45m, 12h, 30d or 8w, or a date such as 2030-01-31.');
  }
  if (end <= now) throw new InvalidArgumentError('Expected a time in the future.');
  return end;
}
