import { judgeValue, operationOf, type SchemaPlace } from '@parleyhq/conformance';
import { find, follow, type Json } from '../shared/document.js';
import type { Frame } from '../shared/wire/parse-frames.js';
import type { RecordedRequest } from './read-recording.js';

type Operation = NonNullable<ReturnType<typeof operationOf>>;
type Parameter = Operation['parameters'][number];

const CLIENT_FRAMES: Readonly<Record<string, string>> = {
  submission: '/components/schemas/SubmissionFrame',
  heartbeat: '/components/schemas/ClientHeartbeatFrame',
};

/** What is wrong with a request by openapi.yaml; undefined if nothing is. */
export function problemOfRequest({ method, target, headers, body }: RecordedRequest): string | undefined {
  const operation = operationOf(method, target);
  if (operation === undefined) return `no operation is called by ${method} ${target}`;
  const { parameters } = operation;
  return (
    problemOfQuery(target, parameters) ??
    problemOfHeaders(headers, parameters) ??
    problemOfBody(body, headers, operation)
  );
}

/** What is wrong with a frame of a client; undefined if nothing is. Pings, pongs and closes are left to RFC 6455. */
export function problemOfClientFrame({ opcode, payload }: Frame): string | undefined {
  if (opcode >= 0x8) return undefined;
  if (opcode !== 0x1) return `a frame with opcode ${opcode}`;
  let value: Json;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch (error) {
    return `a text frame that is no JSON: ${error}`;
  }
  const schema = CLIENT_FRAMES[String(find(value, 'type'))];
  return schema === undefined
    ? `unknown type ${find(value, 'type')}`
    : problemBy({ document: 'asyncapi.yaml', pointer: schema }, value);
}

function problemOfQuery(target: string, parameters: readonly Parameter[]): string | undefined {
  const [, query = ''] = target.split(/\?(.*)/s, 2);
  for (const [name, text] of new URLSearchParams(query)) {
    const parameter = parameters.find((one) => one.in === 'query' && one.name === name);
    if (parameter === undefined) return `no query parameter ${name}`;
    const problem = problemOfText(parameter, text);
    if (problem !== undefined) return `query parameter ${name}: ${problem}`;
  }
  return undefined;
}

function problemOfHeaders(headers: RecordedRequest['headers'], parameters: readonly Parameter[]): string | undefined {
  for (const parameter of parameters.filter((one) => one.in === 'header')) {
    const text = headers[parameter.name.toLowerCase()];
    const problem = text === undefined ? undefined : problemOfText(parameter, text);
    if (problem !== undefined) return `header ${parameter.name}: ${problem}`;
  }
  return undefined;
}

function problemOfText({ pointer, schema }: Parameter, text: string): string | undefined {
  const reference = find(schema, '$ref');
  const type = find(typeof reference === 'string' ? follow(reference.slice(1)).node : schema, 'type');
  const asNumber = type === 'integer' && /^-?\d+$/.test(text);
  const asBoolean = type === 'boolean' && /^(?:true|false)$/.test(text);
  const value = asNumber ? Number(text) : asBoolean ? text === 'true' : text;
  return problemBy({ document: 'openapi.yaml', pointer: `${pointer}/schema` }, value);
}

function problemOfBody(sent: Buffer, headers: RecordedRequest['headers'], { body }: Operation): string | undefined {
  if (sent.length === 0) return body?.required === true ? 'no body' : undefined;
  if (body === undefined) return 'a body';
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';');
  if (mediaType !== 'application/json') return `a body of type ${mediaType}`;
  let value: unknown;
  try {
    value = JSON.parse(sent.toString('utf8'));
  } catch (error) {
    return `a body that is no JSON: ${error}`;
  }
  return problemBy({ document: 'openapi.yaml', pointer: body.pointer }, value);
}

function problemBy(place: SchemaPlace, value: unknown): string | undefined {
  const told = judgeValue(place, value).problems.map((problem) => `${problem.place || '/'} ${problem.message}`);
  return told.length === 0 ? undefined : told.slice(0, 5).join('; ');
}
