import { BrokenRule } from '../broken-rule.js';
import type { Source } from '../documents/locate.js';
import type { Exchange } from '../wire/exchange.js';

/** What an answer has to be. */
export interface ExpectedAnswer {
  readonly status: number;
  /** The code of an error. */
  readonly code?: string;
  /** A place that `details` must name; of several places, it must name at least one. */
  readonly pointer?: string | readonly string[];
  /** The place of the contract that says so. */
  readonly source?: Source;
  /** A phrase that describes the request in reports: `with a body that lacks cwd`. */
  readonly to?: string;
}

/**
 * Expects an answer with this status and, if given, this error code and place.
 *
 * @throws BrokenRule
 */
export function expectAnswer(exchange: Exchange, { status, code, pointer, source, to }: ExpectedAnswer): void {
  const answer: { code?: unknown; details?: unknown } = Object(exchange.json);
  const pointers = pointer === undefined || typeof pointer !== 'string' ? pointer : [pointer];
  const places = Array.isArray(answer.details) ? answer.details.map((detail) => Object(detail).pointer) : [];
  const said = exchange.status === status && (code === undefined || answer.code === code);
  if (said && (pointers === undefined || pointers.some((place) => places.includes(place)))) return;
  const wanted = [`${status}`, code, pointers && `naming ${pointers.join(' or ')}`].filter(
    (part) => part !== undefined,
  );
  const got = [`${exchange.status}`, answer.code, said ? `naming ${places.join(', ') || 'nothing'}` : undefined];
  throw new BrokenRule({
    expected: `${wanted.join(' ')}${to === undefined ? '' : ` for a request ${to}`}`,
    got: got.filter((part) => part !== undefined).join(' '),
    exchange,
    ...(source === undefined ? {} : { source }),
  });
}
