import { createClient } from '@parleyhq/client';

/** The main job as a page does it: log in, create a session, ask, watch, see the patch, apply it, read the answer. */
async function run(form: FormData): Promise<void> {
  const field = (name: string): string => String(form.get(name));
  const baseUrl = field('server');
  show('state', 'running');
  const login = await createClient({ baseUrl, token: field('token') }).http.POST('/api/login', {
    body: { token: field('token') },
  });
  if (!login.data) throw new Error(`Login: ${login.error.message}`);
  const { access_token: token } = login.data;

  await using client = createClient({ baseUrl, token: async () => token });
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

document.getElementById('form')?.addEventListener('submit', (event) => {
  event.preventDefault();
  if (!(event.target instanceof HTMLFormElement)) return;
  run(new FormData(event.target)).catch((error: unknown) => {
    show('error', String(error));
    show('state', 'failed');
  });
});
