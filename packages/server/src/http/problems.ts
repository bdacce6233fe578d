import { requestValidators, type Validator } from '@parleyhq/contract';
import type { Request } from 'express';
import { contextOf } from './request-context.js';
import { UnfitRequest } from './validator.js';

// express-openapi-validator reports every variant of a union that does not fit; these report only the intended variant.
const bodies = new Map<string, Validator<unknown>>(Object.entries(requestValidators));

/** A place in a request that does not fit, and why. */
export interface Place {
  readonly pointer: string;
  readonly message: string;
}

/**
 * What is wrong with a request: JSON pointers that begin with /body, /query, /path or /headers, with what was expected and
 * what was found there. Undefined if the error is not an {@link UnfitRequest}.
 */
export function toDetails(error: unknown, request: Request): readonly Place[] | undefined {
  if (!(error instanceof UnfitRequest)) return undefined;
  const found = error.misfits.map(({ path = '', message = '', errorCode = '' }) => {
    const pointer = path.replace(/^\/params(?=\/|$)/, '/path');
    return { pointer, message: explain(message, errorCode.split('.', 1)[0] ?? '', valueAt(request, pointer)) };
  });
  const elsewhere = found.filter(({ pointer }) => !/^\/body(\/|$)/.test(pointer));
  return found.length > elsewhere.length ? [...elsewhere, ...(bodyProblems(request) ?? inBody(found))] : found;
}

function inBody(places: readonly Place[]): readonly Place[] {
  return places.filter(({ pointer }) => /^\/body(\/|$)/.test(pointer));
}

function bodyProblems(request: Request): readonly Place[] | undefined {
  const { found } = contextOf(request);
  const validate = found && bodies.get(found.route.operationId);
  if (!validate || request.body === undefined) return undefined;
  const result = validate(request.body);
  return result.ok
    ? undefined
    : result.problems.map(({ pointer, message }) => ({ pointer: `/body${pointer}`, message }));
}

// Ajv says only what was expected; the message adds what was found instead.
function explain(message: string, keyword: string, value: unknown): string {
  if (keyword === 'required') return 'expected a value, got nothing';
  if (keyword === 'additionalProperties') return 'expected no property of this name';
  if (message.startsWith('Unknown query parameter')) return 'expected no parameter of this name';
  if (message.startsWith('Empty value')) return 'expected a value, got an empty one';
  const expected = message
    .replace(/^must be (?=[<>])/, 'a number ')
    .replace(/^must be equal to one of the allowed values: /, 'one of ')
    .replace(/^must be equal to constant$/, 'another value')
    .replace(/^must match (pattern|format) /, 'a match of $1 ')
    .replace(/^must NOT have /, 'no ')
    .replace(/^must be /, '')
    .replace(/^must /, 'to ');
  return `expected ${expected}, got ${keyword === 'type' ? kindOf(value) : describe(value)}`;
}

function valueAt({ body, query, headers, params }: Request, pointer: string): unknown {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  let value: unknown = { body, query, headers, path: params };
  for (const key of keys) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return value === undefined ? 'nothing' : typeof value;
}

function describe(value: unknown): string {
  if (typeof value === 'object' || value === undefined) return kindOf(value);
  const shown = JSON.stringify(value);
  return shown.length <= 64 ? shown : `${shown.slice(0, 60)}…`;
}
