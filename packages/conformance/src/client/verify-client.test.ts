import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, type ExpectStatic, expect, it } from 'vitest';
import { ALL, itInAll, shareOf } from '../../../../scripts/test-forms.js';
import { locate } from '../documents/locate.js';
import { createRandom } from '../world/random.js';
import { CLIENT_RULES } from './client-rules.js';
import { verifyClient } from './verify-client.js';

const PLAIN = `'${execPath}' '${fileURLToPath(new URL('../../test/plain-client.mjs', import.meta.url))}'`;

/** What a client can do wrong, the rules that catch it, and what they say. */
const FAULTS: readonly (readonly [fault: string, rules: readonly string[], says: RegExp])[] = [
  ['restarts', ['resumes-from-cursor', 'starts-behind-cursor'], /since_event_id \d/],
  ['loses', ['cut-anywhere', 'resumes-from-cursor'], /event \d+, each once and in order|event \d+ after \d+/],
  ['repeats', ['repeats'], /each once and in order, got event/],
  ['skips', ['gap', 'unusable-id'], /each once and in order, got event/],
  ['dies', ['unknown-event'], /exit with 1/],
  ['drops', ['unknown-moves-cursor'], /every event up to/],
  ['swallows', ['invalid-event'], /each once and in order, got event/],
  ['strict', ['unknown-parts'], /as an event, got {"unknown"/],
  ['fragile', ['unknown-frame'], /exit with 3/],
  ['garbles', ['pieces'], /expected event \d+ with/],
  ['tells', ['handshake'], /no token in any address/],
  ['silent', ['tells-state'], /another state between them/],
  ['hammers', ['backs-off'], /250 ms or more of waiting/],
  ['impatient', ['retry-after'], /2000 ms or more of waiting/],
  ['trusts', ['close-1000-early'], /the end session_closed/],
  ['gives-up', ['close-resumes', 'refused-for-now', 'renews-credential'], /the end refused/],
  [
    'stubborn',
    [
      'close-4400',
      'close-4401',
      'close-4404',
      'close-4410',
      'refused-401',
      'refused-403',
      'refused-404',
      'refused-409',
    ],
    /expected the end \w+.*, got nothing until the time was up/,
  ],
  ['ignores-expired', ['cursor-expired', 'refused-410'], /expected the end cursor_invalid/],
  ['waits', ['half-open'], /nothing until the time was up/],
  ['nervous', ['patient'], /1 handshakes, got/],
  ['mute', ['pong'], /nothing until the time was up/],
  ['snapshot', ['live'], /every event up to/],
  ['narrow', ['long-event'], /every event up to/],
  ['bounded', ['flood'], /every event up to 3002, got none behind 1000/],
];

/** Those that never end. */
const ENDLESS = ['stubborn', 'drops', 'ignores-expired', 'waits', 'mute', 'snapshot', 'narrow', 'bounded'];

describe('a client that reads along', () => {
  it.each(ALL ? [1, 2, undefined] : [undefined])(
    'passes every rule without the SDK, whatever the seed: %s',
    async (seed) => {
      const rules = shareOf(CLIENT_RULES, 8).map(({ id }) => id);
      const { outcomes, verdict } = await verifyClient({ command: PLAIN, rules, seed });
      expect(outcomes.filter(({ status }) => status !== 'passed')).toEqual([]);
      expect(verdict.passed).toBe(rules.length);
    },
  );

  async function expectCaught([fault, names, says]: (typeof FAULTS)[number], expect: ExpectStatic, timeout: number) {
    const rules = names.map((name) => `client/${name}`);
    const { outcomes, verdict } = await verifyClient({ command: `${PLAIN} ${fault}`, rules, seed: 1, timeout });
    expect(outcomes.map(({ status }) => status)).toEqual(rules.map(() => 'failed'));
    for (const { failures } of outcomes)
      expect(`expected ${failures[0]?.expected}, got ${failures[0]?.got}`).toMatch(says);
    expect(verdict.exitCode).toBe(1);
  }

  const tried = shareOf(FAULTS);
  // Those that never end are waited for side by side; of the others some are told by how fast they are.
  const endless = tried.filter(([fault]) => ENDLESS.includes(fault));
  const others = tried.filter(([fault]) => !ENDLESS.includes(fault));
  it.concurrent.for(endless)('is caught when it %s', (fault, { expect }) => expectCaught(fault, expect, 6_000));
  it.for(others)('is caught when it %s', (fault, { expect }) => expectCaught(fault, expect, 50_000));

  it('is caught by each rule in some mistake', () => {
    const catching = new Set(FAULTS.flatMap(([, names]) => names.map((name) => `client/${name}`)));
    expect(CLIENT_RULES.filter(({ id }) => !catching.has(id))).toEqual([]);
  });
});

describe('a rule for clients', () => {
  it('names a line of the contract, and nothing twice', () => {
    for (const { source } of CLIENT_RULES) expect(locate(source)).toMatch(/^PROTOCOL\.md:\d+$/);
    expect(new Set(CLIENT_RULES.map(({ id }) => id)).size).toBe(CLIENT_RULES.length);
  });

  it('does the same for the same seed', () => {
    const scripts = (seed: number) => CLIENT_RULES.map(({ id, script }) => script(createRandom(seed, id)));
    expect(scripts(7)).toEqual(scripts(7));
    expect(scripts(7)).not.toEqual(scripts(8));
  });

  itInAll('tells what the server did, what the client printed, and how to do it again', async () => {
    const { outcomes } = await verifyClient({ command: `${PLAIN} skips`, rules: ['client/gap'], seed: 3 });
    const [failure] = outcomes[0]?.failures ?? [];
    expect(failure?.sent).toMatch(/handshake 1: .*since_event_id=0/);
    expect(failure?.sent).toMatch(/leaves out \d/);
    expect(failure?.received).toContain('{"event":1,');
    expect(failure?.repeat).toContain(`skips' --rule client/gap --seed 3`);
    expect(failure?.line).toMatch(/^PROTOCOL\.md:\d+$/);
  });

  it('is not exercised by a client that says so', async () => {
    const { outcomes, verdict } = await verifyClient({
      command: `echo '{"skip": "no sockets"}'`,
      rules: ['client/gap'],
    });
    expect(outcomes[0]?.reason).toBe('the client says: no sockets');
    expect(verdict.exitCode).toBe(2);
  });

  it.each([
    ['hello', /a JSON object/],
    ['{"event": "3", "payload": {}}', /the id of the event as a number/],
    ['{"event": 3}', /the `payload` of the event/],
    ['{"end": "tired"}', /session_closed, purged/],
  ])('says what it expected in place of %s', async (line, expected) => {
    const { outcomes } = await verifyClient({ command: `echo '${line}'`, rules: ['client/gap'] });
    expect(outcomes[0]?.failures[0]?.expected).toMatch(expected);
    expect(outcomes[0]?.failures[0]?.got).toBe(line);
  });

  it('kills a client that goes on, with what it has started, and shows its standard error', async () => {
    const command = 'echo started >&2; sleep 1000 | cat';
    const { outcomes } = await verifyClient({ command, rules: ['client/gap'], timeout: 200 });
    expect(outcomes[0]?.failures[0]?.got).toContain('nothing until the time was up');
    expect(outcomes[0]?.failures[0]?.received).toContain('standard error:\nstarted');
  });
});
