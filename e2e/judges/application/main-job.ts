import { client } from './client/client.gen.js';
import { applyPatch, closeSession, createSession, getHistory, getPatch, getSession, submit } from './client/index.js';

// An application that uses the generated client and is compiled with it: node main-job.js URL TOKEN CWD. It waits by
// polling, and fails on anything that the document does not describe.
const [baseUrl = '', token = '', cwd = ''] = process.argv.slice(2);
client.setConfig({ baseUrl, auth: token, throwOnError: true });

const session = expect(await createSession({ body: { cwd, agent: 'demo', approval_policy: 'ask' } }), 201);
const path = { session_id: session.session_id };

const submitted = expect(
  await submit({ path, body: { type: 'user_message', content: '请帮我实现一个排序函数' } }),
  200,
);
await waitFor('awaiting_approval');
const patch = expect(await getPatch({ path }), 200);
const patch_id: string = patch.patch_id;
const applied = expect(await applyPatch({ path, body: { patch_id } }), 200);

await waitFor('idle');
const ends = await readEnds(submitted.event_id - 1);
const closed = await closeSession({ path });
if (closed.response.status !== 204) throw new Error(`closeSession: expected 204, got ${closed.response.status}`);
const { status } = expect(await getSession({ path }), 200);
console.log(JSON.stringify({ files: applied.files.map((file) => file.path), ends, status }));

/** How the turns after an event ended, a page at a time. */
async function readEnds(after: number): Promise<string[]> {
  const { items, next_after } = expect(await getHistory({ path, query: { after, limit: 20 } }), 200);
  // The union is narrowed by `type`: if a generator loses the variants, this does not compile.
  const ends = items.flatMap(({ payload }) => (payload.type === 'turn_completed' ? [payload.status] : []));
  return next_after === null ? ends : [...ends, ...(await readEnds(next_after))];
}

async function waitFor(wanted: 'awaiting_approval' | 'idle'): Promise<void> {
  for (let asked = 0; asked < 400; asked += 1) {
    if (expect(await getSession({ path }), 200).status === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`The session was never ${wanted}.`);
}

function expect<Data>({ data, response }: { data: Data; response: Response }, status: number): NonNullable<Data> {
  if (response.status !== status) throw new Error(`${response.url}: expected ${status}, got ${response.status}`);
  if (data === undefined || data === null) throw new Error(`${response.url}: expected a body, got none`);
  return data;
}
