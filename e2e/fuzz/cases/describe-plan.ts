import { nameOf, type Plan } from './plan-case.js';
import type { World } from './world.js';

const SHOWN = 3_000;

/** How to repeat a case by hand: a curl command if possible, else the bytes. */
export function describePlan(plan: Plan, world: World): string {
  const bytes = plan.kind === 'message' ? plan.payload : plan.bytes;
  const line = plan.kind === 'request' ? curlLine(plan, world) : undefined;
  return `${nameOf(plan)}\n${line ?? dump(bytes, world)}`;
}

function curlLine({ request }: Plan & { kind: 'request' }, world: World): string | undefined {
  const { method, target, headers, body } = request;
  const texts = [method, target, ...headers.flat(), body?.toString('latin1') ?? ''];
  if (texts.some((text) => !/^[\x20-\x7e]*$/.test(text)) || texts.join('').length > SHOWN) return undefined;
  const flags = headers.map(([name, value]) => `-H ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`);
  if (body !== undefined) flags.push(`--data-binary ${quote(body.toString('latin1'))}`);
  const url = quote(`http://127.0.0.1:${world.port}${target}`);
  return hideToken(`curl -i --path-as-is --globoff -X ${quote(method)} ${flags.join(' ')} ${url}`, world);
}

function dump(bytes: Buffer, world: World): string {
  const text = hideToken(bytes.subarray(0, SHOWN).toString('latin1'), world);
  const shown = Buffer.from(text, 'latin1').toString('hex');
  return `${bytes.length} bytes, as JSON text: ${JSON.stringify(text)}\nas hex (xxd -r -p): ${shown}`;
}

// The token is useless later, since the server is gone. Only its place matters.
function hideToken(text: string, { token }: World): string {
  return text.replaceAll(token, '$TOKEN');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
