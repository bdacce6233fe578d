import { describe, expect, test } from 'vitest';

import { fixture, message, open, recorder, said } from '../test/open-fixture.js';
import { createEditBudget } from './edit-budget.js';
import type { PermissionOutcome, PermissionRequest } from './requests.js';

describe('a request for permission', () => {
  const ask = async (behaviour: string, answer: (request: PermissionRequest) => Promise<PermissionOutcome>) => {
    const order: string[] = [];
    const { events, handler } = recorder({
      requestPermission: (request) => {
        order.push(`permission after ${said(events)}`);
        return answer(request);
      },
    });
    await using agent = await open(fixture(behaviour), { handler });
    const result = await agent.prompt(message('go'));
    return { order, events, result };
  };

  test('comes behind the updates before it and carries the tool call with its diff', async () => {
    let asked: PermissionRequest | undefined;
    const { order, events } = await ask('permission-between-updates', async (request) => {
      asked = request;
      return { outcome: 'selected', optionId: 'yes' };
    });
    expect(order).toEqual(['permission after before']);
    expect(asked?.options).toEqual([
      { option_id: 'yes', name: 'Yes', kind: 'allow_once' },
      { option_id: 'no', name: 'No', kind: 'reject_once' },
    ]);
    expect(asked?.edits).toEqual([{ path: '/w/a.ts', oldText: 'a', newText: 'b' }]);
    expect(asked?.toolCall).toMatchObject({ type: 'tool_call', tool_call_id: 'call', status: 'pending' });
    expect(events.find(({ type }) => type === 'item_started')).toBeDefined();
    expect(said(events)).toContain('answered {"outcome":{"outcome":"selected","optionId":"yes"}}');
  });

  test('has the edits that there is room for, and gives the room back when it is answered', async () => {
    const editBudget = createEditBudget({ edits: 1, bytes: 8 });
    const { events, handler } = recorder({
      async requestPermission({ edits, editsOmitted }) {
        expect([edits, editsOmitted]).toEqual([[{ path: '/w/a.ts', oldText: null, newText: null }], 0]);
        expect(editBudget.take({ edits: 1, bytes: 0 })).toBe(false);
        return { outcome: 'selected', optionId: 'yes' };
      },
    });
    await using agent = await open(fixture('permission-between-updates'), { handler, editBudget });
    await agent.prompt(message('go'));
    expect(said(events)).toContain('"optionId":"yes"');
    expect(editBudget.take({ edits: 1, bytes: 8 })).toBe(true);
  });

  test('for which there is no room is asked all the same, and the user is told', async () => {
    const editBudget = createEditBudget({ edits: 1, bytes: 1 });
    const asked: PermissionRequest[] = [];
    const { events, handler } = recorder({
      async requestPermission(request) {
        asked.push(request);
        return { outcome: 'selected', optionId: 'yes' };
      },
    });
    await using agent = await open(fixture('permission-between-updates'), { handler, editBudget });
    await agent.prompt(message('go'));
    expect(asked).toMatchObject([{ edits: [], editsOmitted: 1 }]);
    expect(events.filter(({ type }) => type === 'notice')).toMatchObject([{ code: 'edits_omitted' }]);
  });

  test('is withdrawn when the turn ends without its answer', async () => {
    let withdrawn: Promise<unknown> | undefined;
    const { handler } = recorder({
      requestPermission: (_request, signal) => {
        const over = aborted(signal);
        withdrawn = over;
        return over.then(() => ({ outcome: 'cancelled' }));
      },
    });
    await using agent = await open(fixture('permission-then-end'), { handler });
    expect((await agent.prompt(message('go'))).status).toBe('completed');
    await withdrawn;
  });

  test('is answered by the handler when the turn is cancelled', async () => {
    let asked: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { events, handler } = recorder({
      async requestPermission(_request, signal) {
        asked();
        await aborted(signal);
        return { outcome: 'cancelled' };
      },
    });
    await using agent = await open(fixture('permission-and-wait'), { handler });
    const turn = agent.prompt(message('go'));
    await waiting;
    await agent.cancel();
    expect((await turn).status).toBe('interrupted');
    expect(events.find((event) => event.type === 'item_completed' && event.item.type === 'tool_call')).toMatchObject({
      item: { status: 'failed' },
    });
  });

  test('beyond 256 that wait is answered cancelled, and the user is told once', async () => {
    let asked = 0;
    const { events, handler } = recorder({
      requestPermission: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    });
    await using agent = await open(fixture('ask-300-times'), { handler });
    await agent.prompt(message('go'));
    expect(asked).toBe(256);
    expect(said(events)).toMatch(/^answered {"outcome":{"outcome":"cancelled"}}/);
    expect(events.filter((event) => event.type === 'notice')).toMatchObject([{ code: 'too_many_questions' }]);
  });

  test('whose handler fails is answered all the same', async () => {
    const { events } = await ask('permission-between-updates', () => Promise.reject(new Error('no answer')));
    expect(said(events)).toContain('answered {"outcome":{"outcome":"cancelled"}}');
  });
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

test('a question to the user is mapped and its answer goes back', async () => {
  const { events, handler } = recorder({
    requestElicitation: async (request) => {
      expect(request).toEqual({
        turnId: 'turn-1',
        mode: 'form',
        message: 'Which?',
        requestedSchema: { type: 'object', properties: { x: { type: 'string' } } },
      });
      return { action: 'accept', content: { x: 'this' } };
    },
  });
  await using agent = await open(fixture('elicitation'), { handler });
  await agent.prompt(message('go'));
  expect(said(events)).toContain('answered {"action":"accept","content":{"x":"this"}}');
});
