import { SUITES } from '@parleyhq/conformance';
import { type Change, type PassedAnswer, type PassedRequest, withHeader } from '../proxy/change.js';
import { operations } from './documents.js';
import { isObject, type Json, type JsonObject, parseJson } from './edit-json.js';
import type { Hits } from './mutant.js';

/** Creates the change of a mutant. */
export type Create = (hits: Hits) => Change;

/** Whether a request is for one of some operations. */
export function isFor({ method, target }: PassedRequest, ...ids: readonly string[]): boolean {
  return operations.some(({ id, matches }) => ids.includes(id) && matches(method, target));
}

/** Changes the body of an operation's successful answers. The edit changes it in place and returns whether it did. */
export function answering(id: string, edit: (body: JsonObject, request: PassedRequest) => unknown): Create {
  return (hits) => ({
    answer(answer, request) {
      const body = answer.status < 300 && isFor(request, id) ? parseJson(answer.text) : undefined;
      if (!isObject(body) || edit(body, request) === false) return answer;
      hits.count += 1;
      return { ...answer, text: JSON.stringify(body) };
    },
  });
}

/** Changes whole answers of an operation. Undefined leaves an answer unchanged. */
export function answeringWith(
  ids: readonly string[],
  edit: (answer: PassedAnswer, request: PassedRequest) => PassedAnswer | undefined,
): Create {
  return (hits) => ({
    answer(answer, request) {
      const changed = isFor(request, ...ids) ? edit(answer, request) : undefined;
      if (changed !== undefined) hits.count += 1;
      return changed ?? answer;
    },
  });
}

/** Changes the body of an operation's requests. The edit returns whether it did. */
export function asking(id: string, edit: (body: JsonObject, request: PassedRequest) => unknown): Create {
  return (hits) => ({
    request: (request) =>
      isFor(request, id)
        ? {
            ...request,
            editBody(text) {
              const body = parseJson(text);
              if (!isObject(body) || edit(body, request) === false) return text;
              hits.count += 1;
              return JSON.stringify(body);
            },
          }
        : request,
  });
}

/** Changes the head of an operation's requests. Undefined leaves a request unchanged. */
export function askingWith(
  ids: readonly string[],
  edit: (request: PassedRequest) => PassedRequest | undefined,
): Create {
  return (hits) => ({
    request(request) {
      const changed = isFor(request, ...ids) ? edit(request) : undefined;
      if (changed !== undefined) hits.count += 1;
      return changed ?? request;
    },
  });
}

/** Answers requests of an operation without passing them on. Undefined passes a request on. */
export function insteadOf(
  ids: readonly string[],
  answer: (request: PassedRequest) => PassedAnswer | undefined,
): Create {
  return (hits) => ({
    instead(request) {
      const own = isFor(request, ...ids) ? answer(request) : undefined;
      if (own !== undefined) hits.count += 1;
      return own;
    },
  });
}

/** Changes the events of each page of history, but not its `latest_event_id`. */
export function telling(edit: (items: JsonObject[], request: PassedRequest) => Json[] | undefined): Create {
  return answering('getHistory', (body, request) => {
    const items = Array.isArray(body.items) ? body.items.filter(isObject) : [];
    const changed = edit(items, request);
    if (changed === undefined) return false;
    body.items = changed;
    return true;
  });
}

/** A change that begins when the server has been killed and restarted. */
export function onceRestarted(create: Create): Create {
  return (hits) => {
    const { answer, request, instead, socket } = create(hits);
    let on = false;
    return {
      restarted: () => {
        on = true;
      },
      ...(answer && { answer: (one, of) => (on ? answer(one, of) : one) }),
      ...(request && { request: (one) => (on ? request(one) : one) }),
      ...(instead && { instead: (one) => (on ? instead(one) : undefined) }),
      ...(socket && { socket: (one) => (on ? socket(one) : {}) }),
    };
  };
}

/** A JSON answer. */
export function json(status: number, body: Json): PassedAnswer {
  const headers = [
    ['Content-Type', 'application/json; charset=utf-8'],
    ['X-Request-Id', '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11'],
  ] as const;
  return { status, headers, text: JSON.stringify(body) };
}

/** A request without one of its headers. */
export function without(request: PassedRequest, name: string): PassedRequest {
  return { ...request, headers: withHeader(request.headers, name, undefined) };
}

/** The type of the event in a frame. */
export function typeOf(item: JsonObject): Json | undefined {
  return isObject(item.payload) ? item.payload.type : undefined;
}

/** Changes messages of the server on sockets. `undefined` leaves a message unchanged; an error cuts the connection. */
export function hearing(
  edit: (
    frame: JsonObject,
    socket: { readonly since: string | undefined; readonly state: Map<string, unknown> },
  ) => Json[] | undefined,
): Create {
  return (hits) => ({
    socket({ target }) {
      const socket = { since: /since_event_id=(\d+)/.exec(target)?.[1], state: new Map<string, unknown>() };
      return {
        fromServer(message) {
          const frame = parseJson(message);
          if (!isObject(frame)) return [message];
          const changed = edit(frame, socket);
          if (changed === undefined) return [message];
          hits.count += 1;
          return changed.map((one) => JSON.stringify(one));
        },
      };
    },
  });
}

/** Changes messages of the client on sockets. */
export function speaking(edit: (frame: JsonObject, message: string) => Json[] | undefined): Create {
  return (hits) => ({
    socket: () => ({
      fromClient(message) {
        const frame = parseJson(message);
        const changed = edit(isObject(frame) ? frame : {}, message);
        if (changed === undefined) return [message];
        hits.count += 1;
        return changed.map((one) => JSON.stringify(one));
      },
    }),
  });
}

/** Changes the close codes of sockets. */
export function closing(from: number, to: number): Create {
  return (hits) => ({
    socket: () => ({
      closeCode(code) {
        if (code !== from) return code;
        hits.count += 1;
        return to;
      },
    }),
  });
}

/** Changes the payload of frames of a type on sockets. The edit changes it in place and returns whether it did. */
export function onFrame(type: string, edit: (payload: JsonObject) => unknown): Create {
  return hearing((frame) =>
    frame.type === type && isObject(frame.payload) && edit(frame.payload) !== false ? [frame] : undefined,
  );
}

/** The same for events of a type. */
export function onEvent(type: string, edit: (payload: JsonObject) => unknown): Create {
  return hearing((frame) =>
    typeOf(frame) === type && isObject(frame.payload) && edit(frame.payload) !== false ? [frame] : undefined,
  );
}

/** Changes the events of a type in a page of history. Undefined if nothing was changed. */
export function editEvents(
  items: JsonObject[],
  type: string,
  change: (payload: JsonObject, item: JsonObject) => unknown,
): JsonObject[] | undefined {
  const changed = items.filter(
    (item) => isObject(item.payload) && item.payload.type === type && change(item.payload, item) !== false,
  );
  return changed.length > 0 ? items : undefined;
}

/** The body of an error. */
export function errorData(code: string): JsonObject {
  return { code, message: 'No.', timestamp: Date.now(), request_id: '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11' };
}

/** An answer that is an error. */
export function refusal(status: number, code: string): PassedAnswer {
  return json(status, errorData(code));
}

/** Counts an answer as changed. */
export function hit(hits: Hits, answer: PassedAnswer): PassedAnswer {
  hits.count += 1;
  return answer;
}

/** The subjects of a rule of the socket. */
export function subjectsOf(id: string): string[] {
  return SUITES.events.flatMap((rule) => (rule.id === id && rule.subject !== undefined ? [rule.subject] : []));
}
