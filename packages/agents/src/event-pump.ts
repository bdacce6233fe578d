import type { ApprovalOption } from '@parleyhq/contract';
import type { AcpConnection, AgentEntry } from './acp/connection.js';
import type { AgentHandler } from './agent.js';
import type { AgentEvent } from './agent-event.js';
import type { HistoryReader } from './map/history.js';
import { mapElicitation, mapOptions } from './map/map-request.js';
import { isOfTurn, type UpdateMapper } from './map/map-update.js';
import { readObject } from './map/read.js';
import type { Replay } from './map/replay.js';
import { hearMode } from './map/spoken-mode.js';
import type { ElicitationOutcome, PermissionOutcome } from './requests.js';

/** Carries everything that an agent sends to its handler, in order. */
export interface EventPump {
  /** From now on, ignores the updates of other conversations, for example those of sub-agents. */
  follow(acpSessionId: string): void;
  /** From now on, delivers events. Before that, what is said waits, and other updates change only the mapper's state. */
  open(): void;
  /** Runs a step of our own after everything that has arrived so far. Resolves when its events were delivered. */
  step(run: () => readonly AgentEvent[] | Promise<readonly AgentEvent[]>): Promise<void>;
  /** Withdraws every request that waits for an answer: their signals abort, and the handler answers. */
  withdraw(): void;
  /** The error with which the handler refused events; `undefined` if it has not. */
  failure(): unknown;
}

/** The most requests that one agent may have open at once: each is kept, and shown in its session, until it is answered. */
const MAX_ASKING = 256;

const QUESTION_LEFT_OUT =
  'The agent asked a question of a kind that is not known here, or one that is too large to be shown. It was cancelled.';

/** So many characters of what an agent says while it starts are kept until its session exists. */
const MAX_EARLY = 1_048_576;

/** Starts to consume a connection. `fail` is called once, when the handler rejects events. */
export function createEventPump(parts: {
  readonly connection: AcpConnection;
  readonly mapper: UpdateMapper;
  readonly replay: Replay;
  /** Where what is repeated goes. @default nowhere: the log has it already */
  readonly history?: HistoryReader | undefined;
  readonly handler: AgentHandler;
  readonly fail: () => void;
}): EventPump {
  const { connection, mapper, replay, history, handler, fail } = parts;
  let acpSessionId: string | undefined;
  let opened = false;
  let failure: unknown;
  let waiting = new AbortController();
  let events: AgentEvent[] = [];
  /** What the agent said before `open`. */
  const early: AgentEntry[] = [];
  let earlySize = 0;
  /** Requests for permission that came when a turn had been started that the agent had not got yet. */
  const askedEarly: AgentEntry[] = [];
  let asking = 0;
  let toldOfTooMany = false;
  let toldOfOmitted = false;

  const handOver = async () => {
    const batch = events;
    batch.push(...mapper.late());
    events = [];
    if (batch.length === 0 || !opened || failure !== undefined) return;
    try {
      await handler.events(batch);
    } catch (error) {
      failure = error;
      fail();
    }
  };

  /** Begins a turn of the agent's own if none runs. */
  const needTurn = async () => {
    if (mapper.turnId !== undefined || failure !== undefined) return;
    await handOver();
    const turnId = await handler.startTurn?.(mapper.lastTurnId).catch(() => undefined);
    if (turnId !== undefined) mapper.startTurn(turnId, 'agent');
  };

  const work = async (entry: AgentEntry) => {
    switch (entry.kind) {
      case 'update': {
        const { sessionId, update } = readObject(entry.notification) ?? {};
        if (acpSessionId !== undefined && sessionId !== acpSessionId) return;
        // Without this: shows a change of the mode as something said
        const said = hearMode(readObject(update) ?? {}, mapper.state);
        if (said.sessionUpdate === 'session_info_update') history?.take(said);
        if (isOfTurn(said)) {
          // Without this: takes what an agent repeats of its conversation for something new
          if (replay.has(said)) return history?.take(said);
          if (!opened) {
            earlySize += JSON.stringify(said).length;
            if (earlySize <= MAX_EARLY) early.push(entry);
            return;
          }
          // Without this: has no turn for what an agent says when nothing was asked
          await needTurn();
        }
        events.push(...mapper.map(said));
        return;
      }
      case 'permission': {
        if (opened) await needTurn();
        const isEarly = opened && mapper.turnId === undefined && failure === undefined;
        if (isEarly && askedEarly.length < MAX_ASKING) return void askedEarly.push(entry);
        // No function below keeps `entry`: the content in it may be too large.
        const { content, signal: withdrawn, answer: reply } = entry;
        const asked = mapper.toolCall({ ...entry.request.toolCall, ...(content !== undefined && { content }) });
        const options = mapOptions(entry.request.options);
        if (asked) events.push(...asked.events);
        await handOver();
        if (!asked || options.length === 0 || tooMany()) return reply({ outcome: { outcome: 'cancelled' } });
        const { turnId, item: toolCall, held } = asked;
        tellOfOmitted(held.omitted);
        const answered = (signal: AbortSignal) => {
          const { edits, omitted: editsOmitted } = held;
          return handler.requestPermission({ turnId, toolCall, options, edits, editsOmitted }, signal);
        };
        const cancelled: PermissionOutcome = { outcome: 'cancelled' };
        held.hold();
        void answer(answered, withdrawn, cancelled).then((outcome) => {
          // Without this: keeps the room of edits that have been answered
          held.letGo();
          asked.answered(isAllowed(outcome, options));
          reply({ outcome });
        });
        return;
      }
      case 'elicitation': {
        const { signal: withdrawn, answer: reply } = entry;
        events.push(...mapper.endMessage());
        await handOver();
        const request = mapElicitation(entry.request, mapper.turnId);
        if (!request) events.push(...mapper.notice('question_left_out', QUESTION_LEFT_OUT));
        if (!request || tooMany()) return reply({ action: 'cancel' });
        const answered = (signal: AbortSignal) => handler.requestElicitation(request, signal);
        const cancelled: ElicitationOutcome = { action: 'cancel' };
        void answer(answered, withdrawn, cancelled).then(reply);
        return;
      }
      case 'step': {
        await entry.run();
        if (mapper.turnId === undefined) return;
        for (const waiting of askedEarly.splice(0)) await work(waiting);
        return;
      }
    }
  };

  /** Whether the agent has too many open requests. The user is told once. */
  const tooMany = (): boolean => {
    if (asking < MAX_ASKING) return false;
    if (toldOfTooMany) return true;
    toldOfTooMany = true;
    const message = `The agent asked more than ${MAX_ASKING} questions at once; the others were cancelled.`;
    events.push(...mapper.notice('too_many_questions', message));
    return true;
  };

  /** Tells the user once that there was no room for all edits. */
  const tellOfOmitted = (count: number) => {
    if (count === 0 || toldOfOmitted) return;
    toldOfOmitted = true;
    const message =
      'The agent asks consent to more edits than are kept. Those are in no patch; answer their approvals.';
    events.push(...mapper.notice('edits_omitted', message));
  };

  /** The handler's answer, also once the request is withdrawn: nobody but the handler knows what has been answered by then. */
  const answer = async <Outcome>(
    answered: (signal: AbortSignal) => Promise<Outcome>,
    withdrawn: AbortSignal,
    cancelled: Outcome,
  ): Promise<Outcome> => {
    const signal = AbortSignal.any([withdrawn, waiting.signal]);
    // If the handler fails, the agent still needs an answer.
    asking += 1;
    // Without this: leaves an agent without an answer where the server fails
    const outcome = opened ? await answered(signal).catch(() => cancelled) : cancelled;
    asking -= 1;
    return outcome;
  };

  const ended = (async () => {
    for (let entries = await connection.entries.take(); entries; entries = await connection.entries.take()) {
      for (const entry of opened ? [...early.splice(0), ...entries] : entries) await work(entry);
      await handOver();
    }
    for (const entry of askedEarly)
      if (entry.kind === 'permission') entry.answer({ outcome: { outcome: 'cancelled' } });
    events.push(...mapper.endTurn(true)); // the agent may have ended in the middle of a turn
    await handOver();
  })();

  // No `Promise.race` of each step with `ended`: `ended` would keep all of them in memory until the agent ends.
  const waitingSteps = new Set<() => void>();
  let over = false;
  const endSteps = () => {
    over = true;
    for (const done of waitingSteps) done();
  };
  ended.then(endSteps, endSteps);

  return {
    follow(id) {
      acpSessionId = id;
    },
    open() {
      opened = true;
      const run = async () => {
        const message = `The agent said more than ${MAX_EARLY} characters while it started; the rest is not kept.`;
        if (earlySize > MAX_EARLY) events.push(...mapper.notice('agent_output_ignored', message));
      };
      connection.entries.push({ kind: 'step', run }); // with it, what was said early is taken
    },
    async step(run) {
      if (over) return ended;
      await new Promise<void>((resolve) => {
        const done = () => {
          waitingSteps.delete(done);
          resolve();
        };
        const runStep = async () => {
          const more = await run();
          events.push(...more);
          await handOver();
          done();
        };
        waitingSteps.add(done);
        connection.entries.push({ kind: 'step', run: runStep });
      });
      if (over) await ended;
    },
    withdraw() {
      waiting.abort();
      waiting = new AbortController();
    },
    failure: () => failure,
  };
}

function isAllowed(outcome: PermissionOutcome, options: readonly ApprovalOption[]): boolean {
  if (outcome.outcome === 'cancelled') return false;
  const kind = options.find(({ option_id }) => option_id === outcome.optionId)?.kind;
  return kind === 'allow_once' || kind === 'allow_always';
}
