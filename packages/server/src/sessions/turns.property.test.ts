import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError, type Submission } from '@parleyhq/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { problemsOf } from '../../test/check-turns.js';
import { endOf, openHost, owner } from '../../test/open-host.js';
import { holds } from '../../test/property.js';
import { scriptedInMemory } from '../../test/scripted-agent.js';

/** What may be done to a session, or befall it. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'say',
      'live 2 1',
      'wait',
      'hang',
      'ask',
      'question',
      'exit 3',
      'kill',
      'garbage',
      'write',
      'later 3',
      'ask-later',
    ),
  },
  { weight: 4, arbitrary: fc.constant('+ wait for an event') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('+ interrupt', '+ interrupt and clear_queue', '+ interrupt a queued turn'),
  },
  { weight: 3, arbitrary: fc.constantFrom('+ allow', '+ reject', '+ accept', '+ decline', '+ apply', '+ revert') },
  { weight: 2, arbitrary: fc.constantFrom('+ agent crashes', '+ agent exits', '+ configure') },
  { weight: 2, arbitrary: fc.constantFrom('+ disk fails', '+ disk works', '+ disk works') },
  { weight: 1, arbitrary: fc.constantFrom('+ restart', '+ close', '+ close in vain') },
);

/** What the session must be like after the steps so far. */
interface Model {
  closed: boolean;
  /** Turns that were accepted, which is what they were promised an end by. */
  readonly turns: string[];
  readonly answered: Set<string>;
  /** The patch that was applied last. */
  applied?: string;
}

it.each([
  ['direct', 40],
  ['isolated', 20],
] as const)(
  'no sequence leaves a session without a way on, or a turn without its one end: %s',
  async (workspace, runs) => {
    await holds(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 24 }), async (steps) => {
        const { model, session } = await play(steps, workspace);
        const { id, cwd, agents, disk, say, until } = session;
        disk.trouble = 'none';
        if (!model.closed) {
          // Whatever it waits for, the death of its agent is an end of that.
          await expect
            .poll(() => {
              agents.exit('SIGKILL');
              return session.host.get(owner, id);
            })
            .toMatchObject({ status: 'idle', queued_turns: [] });
          const { answer } = await say(id, 'say on');
          model.turns.push(answer.turn_id ?? '');
          const end = (await until(id, endOf(answer.turn_id))).find(endOf(answer.turn_id));
          expect(end).toMatchObject({ status: 'completed' });
        }
        const events = await until(id, () => true);
        expect(problemsOf(events)).toEqual([]);
        const accepted = events.flatMap((event) => (event.type === 'submission_accepted' ? (event.turn_id ?? []) : []));
        expect(accepted).toEqual(model.turns);
        const heard = readdirSync(cwd)
          .filter((name) => name.startsWith('heard-'))
          .flatMap((name) => readFileSync(join(cwd, name), 'utf8').trim().split('\n'));
        expect(heard.filter((message, index) => heard.indexOf(message) !== index)).toEqual([]);
        await session.close();
      }),
      runs,
    );
  },
);

/** Plays the steps one after another, and checks each answer against the model. */
async function play(steps: readonly string[], workspace: 'direct' | 'isolated') {
  const times = {
    limits: { maxTurnSilenceMs: 200, interruptGraceMs: 20, agentIdleMs: 20, logPatienceMs: 50, agentTurnIdleMs: 30 },
  };
  let inMemory: ReturnType<typeof scriptedInMemory> | undefined;
  const opened = await openHost(undefined, (folder) => {
    inMemory = scriptedInMemory(join(folder, 'project'));
    return { ...inMemory.options, ...times };
  });
  const agents = inMemory as unknown as ReturnType<typeof scriptedInMemory>;
  const { disk } = opened;
  const { session_id: id } = await opened.host.create(owner, {
    cwd: opened.cwd,
    workspace,
    approval_timeout: 1_000,
  });
  const model: Model = { closed: false, turns: [], answered: new Set() };

  const get = () => opened.host.get(owner, id);
  const writable = () => (model.closed ? 'SessionClosed' : disk.trouble === 'none' ? 'ok' : 'Unavailable');
  const submit = (submission: Submission) => opened.host.submit(owner, id, submission);

  async function approve(decision: 'allow_once' | 'reject_once'): Promise<void> {
    const approval_id = get().pending_approvals[0]?.approval_id;
    if (approval_id === undefined) return;
    // It may have been resolved by its deadline or the end of its turn, and not be in the log yet.
    const allowed = model.answered.has(approval_id) ? ['ApprovalResolved'] : [writable(), 'ApprovalResolved'];
    const answer = await codeOf(submit({ type: 'approval', approval_id, decision }));
    expect(allowed).toContain(answer);
    if (answer === 'ok') model.answered.add(approval_id);
  }

  async function reply(action: 'accept' | 'decline'): Promise<void> {
    const elicitation_id = get().pending_elicitations[0]?.elicitation_id;
    if (elicitation_id === undefined) return;
    const answer = await codeOf(submit({ type: 'elicitation', elicitation_id, action }));
    expect([writable(), 'ApprovalResolved']).toContain(answer);
  }

  async function close(): Promise<void> {
    const answer = await codeOf(opened.host.close(owner, id, { purge: false }));
    expect(answer).toBe(model.closed ? 'ok' : writable());
    model.closed ||= answer === 'ok';
  }

  const steered: Record<string, () => unknown> = {
    async '+ wait for an event'() {
      if (get().turn_id === null || disk.trouble !== 'none') return;
      const feed = opened.host.feed(owner, id);
      await new Promise<void>((resolve) => {
        const stop = feed.watch(() => {
          stop();
          resolve();
        });
      });
    },
    '+ interrupt': async () => expect(await codeOf(submit({ type: 'interrupt' }))).toBe(writable()),
    '+ interrupt and clear_queue': async () =>
      expect(await codeOf(submit({ type: 'interrupt', clear_queue: true }))).toBe(writable()),
    async '+ interrupt a queued turn'() {
      const turn_id = get().queued_turns.at(-1)?.turn_id;
      if (turn_id === undefined) return;
      expect(await codeOf(submit({ type: 'interrupt', turn_id }))).toBe(writable());
    },
    '+ allow': () => approve('allow_once'),
    '+ reject': () => approve('reject_once'),
    '+ accept': () => reply('accept'),
    '+ decline': () => reply('decline'),
    '+ apply': async () => {
      const applied = opened.host.applyPatch(owner, id, {});
      const answer = await codeOf(applied);
      const allowed = ['NoPendingPatch', 'PatchSuperseded', 'PatchConflict', writable()];
      expect(allowed).toContain(answer);
      if (answer === 'ok') model.applied = (await applied).patch_id;
    },
    '+ revert': async () => {
      const patch_id = model.applied ?? randomUUID();
      const answer = await codeOf(opened.host.revertPatch(owner, id, { patch_id }));
      expect(['NothingToRevert', 'PatchConflict', writable()]).toContain(answer);
    },
    '+ configure': async () => {
      const answer = await codeOf(submit({ type: 'configure', config_id: 'mode', value: 'two' }));
      expect([writable(), 'AgentUnavailable']).toContain(answer);
    },
    '+ agent crashes': () => agents.exit('SIGKILL'),
    '+ agent exits': () => agents.exit(0),
    '+ disk fails': () => {
      disk.trouble = 'refused';
    },
    '+ disk works': () => {
      disk.trouble = 'none';
    },
    '+ restart': () => opened.restart(),
    '+ close': close,
    async '+ close in vain'() {
      const { trouble } = disk;
      disk.trouble = 'refused';
      await close();
      disk.trouble = trouble;
    },
  };

  for (const [index, name] of steps.entries()) {
    const steer = steered[name];
    if (steer !== undefined) await steer();
    else {
      const expected = writable();
      // Told apart, so that one which the agent hears twice shows.
      const content = name === 'say' ? `say ${index}` : `${name} ${index}`;
      const said = submit({ type: 'user_message', content });
      expect(await codeOf(said)).toBe(expected);
      if (expected === 'ok') model.turns.push((await said).answer.turn_id ?? '');
    }
  }
  return { model, session: Object.assign(opened, { id, agents }) };
}

/** `ok`, or the code of the refusal. */
async function codeOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return 'ok';
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}
