import { createClient } from '@parleyhq/client';

/** The main job as a page does it: log in, create a session, ask, watch, see the patch, apply it, read the answer. */
async function run(form: FormData): Promise<void> {
  const field = (name: string): string => String(form.get(name));
  const baseUrl = field('server');
  show('state', 'running');
  const token = field('token');
  // The browser's own `fetch`, not wrapped: a browser refuses to call it as a method of another object.
  const { http } = createClient({ baseUrl, token, fetch: window.fetch });
  const login = await http.POST('/api/login', { body: { token } });
  if (!login.data) throw new Error(`Login: ${login.error.message}`);
  const { access_token } = login.data;

  await using client = createClient({ baseUrl, token: () => access_token });
  await using session = await client.sessions.create({ cwd: field('cwd') });
  const turn = await session.submit(field('prompt'));
  for await (const event of turn) {
    add('events', event.type);
    if (event.type !== 'patch_updated' || !event.patch) continue;
    show('patch', (await session.patch()).diff);
    await session.applyPatch();
  }
  show('answer', await turn.text());
  show('state', (await turn.completed()).status);
}

/** Logs in to a server that is found relative to the page and has moved within its origin. */
async function askMoved(): Promise<void> {
  const { http } = createClient({ baseUrl: 'moved' });
  const { data, error } = await http.POST('/api/login', { body: { token: 'secret' } });
  show('moved', data?.account ?? `${error?.message}`);
}

function show(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
}

function add(id: string, text: string): void {
  const item = document.createElement('li');
  item.textContent = text;
  document.getElementById(id)?.append(item);
}

document.addEventListener('securitypolicyviolation', (event) => {
  add('violations', `${event.violatedDirective}: ${event.blockedURI}`);
});

askMoved().catch((error: unknown) => show('moved', String(error)));

document.getElementById('form')?.addEventListener('submit', (event) => {
  event.preventDefault();
  if (!(event.target instanceof HTMLFormElement)) return;

  run(new FormData(event.target)).catch((error: unknown) => {
    show('error', String(error));
    show('state', 'failed');
  });
});
