import { isObject, type Json, type JsonObject, parseJson } from '../mutants/edit-json.js';
import { type Change, type Headers, headerOf, type PassedAnswer, withHeader } from '../proxy/change.js';

/** A server that differs from ours but fits the contract. */
export interface Variation {
  readonly title: string;
  readonly create: () => Change;
}

/** Variations that the contract allows. The kit has to pass each of them. */
export const legalVariations: readonly Variation[] = [
  // Unknown properties, values and variants: a tolerant reader ignores them.
  answers(
    'a property in every answer of success that nobody knows',
    ({ status }, body) => status < 300 && add(body, 'x_region', 'eu'),
  ),
  answers(
    'a property in every error that nobody knows',
    ({ status }, body) => status >= 400 && add(body, 'documentation_url', 'https://parley.example'),
  ),
  answers(
    'a property in each element of a list that nobody knows',
    (_, body) => {
      for (const list of Object.values(body))
        if (Array.isArray(list)) for (const one of list) if (isObject(one)) one.x_rank = 1;
    },
    { history: false },
  ),
  answers(
    'properties in another order',
    (_, body) => {
      for (const [name, value] of Object.entries(body).reverse()) {
        delete body[name];
        body[name] = value;
      }
    },
    { history: false },
  ),
  answers('a status of an agent that nobody knows', (_, body) => {
    if (isObject(body.modes)) body.modes.x_since = 1;
  }),
  texts('whitespace in every body', (text) => text.replace(/^\{/, '{ ').replace(/\}$/, ' }\n')),
  // An event must have the same bytes as on the socket.
  texts('text in escapes that need not be', (text) =>
    text.includes('"type":"event"') ? text : text.replaceAll('"demo"', '"d\\u0065mo"'),
  ),
  frames('a property in every frame but events that nobody knows', (frame) => [
    frame.type === 'event' ? frame : { ...frame, x_trace: 'a' },
  ]),
  frames('a property in the payload of every frame but events that nobody knows', (frame) => [
    frame.type !== 'event' && isObject(frame.payload) ? { ...frame, payload: { ...frame.payload, x_node: 7 } } : frame,
  ]),
  frames('another heartbeat interval', (frame) => {
    if (frame.type === 'connection_ack' && isObject(frame.payload)) frame.payload.heartbeat_interval_ms = 60_000;
    return [frame];
  }),
  frames('heartbeats that nobody asked for', (frame) =>
    frame.type === 'connection_ack' ? [frame, { type: 'heartbeat', timestamp: Date.now(), payload: {} }] : [frame],
  ),
  frames('a clock that is some minutes ahead', (frame) => [
    frame.type === 'event' ? frame : { ...frame, timestamp: Number(frame.timestamp) + 300_000 },
  ]),
  answers('a clock of answers that is some minutes behind', (_, body) => {
    if (typeof body.timestamp === 'number' && body.status === undefined) body.timestamp -= 300_000;
  }),
  answers('another message in every error', ({ status }, body) => {
    if (status >= 400) body.message = 'Das geht nicht.';
  }),
  answers('errors without a request_id', ({ status }, body) => {
    if (status >= 400) delete body.request_id;
  }),

  // Headers: names in any case, in any order, and more of them.
  headers('names of headers in capitals', (all) => all.map(([name, value]) => [name.toUpperCase(), value])),
  headers('names of headers in small letters', (all) => all.map(([name, value]) => [name.toLowerCase(), value])),
  headers('headers in another order', (all) => [...all].reverse()),
  headers('headers of a proxy', (all) => [...all, ['Via', '1.1 edge'], ['Server', 'edge'], ['X-Cache', 'MISS']]),
  headers('no headers but those that are documented', (all) =>
    all.filter(([name]) =>
      /^(content-type|x-request-id|location|www-authenticate|allow|upgrade|connection|retry-after|set-cookie|sec-websocket-.*)$/i.test(
        name,
      ),
    ),
  ),
  headers('application/json without a charset', (all) =>
    headerOf(all, 'content-type')?.startsWith('application/json')
      ? withHeader(all, 'Content-Type', 'application/json')
      : all,
  ),
  headers('application/json written otherwise', (all) =>
    headerOf(all, 'content-type')?.startsWith('application/json')
      ? withHeader(all, 'Content-Type', 'Application/JSON; Charset="UTF-8"')
      : all,
  ),

  // Time: slow answers, and delayed ones after them.
  slow('answers that take 20 ms more', () => 20),
  slow('answers that take their time, some more than others', (index) => (index * 37) % 60),
  { title: 'messages on sockets that come in pairs', create: () => pairing() },
];

function answers(
  title: string,
  edit: (answer: PassedAnswer, body: JsonObject) => unknown,
  { history = true }: { readonly history?: boolean } = {},
): Variation {
  return {
    title,
    create: () => ({
      answer(answer, { target }) {
        const body = parseJson(answer.text);
        if (!isObject(body) || (!history && target.includes('/history'))) return answer;
        edit(answer, body);
        return { ...answer, text: JSON.stringify(body) };
      },
    }),
  };
}

function texts(title: string, edit: (text: string) => string): Variation {
  return {
    title,
    create: () => ({
      answer: (answer) =>
        headerOf(answer.headers, 'content-type')?.startsWith('application/json')
          ? { ...answer, text: edit(answer.text) }
          : answer,
    }),
  };
}

function frames(title: string, edit: (frame: JsonObject) => Json[]): Variation {
  return {
    title,
    create: () => ({
      socket: () => ({
        fromServer(message) {
          const frame = parseJson(message);
          // An event must have the same bytes as in history.
          if (!isObject(frame) || frame.type === 'event') return [message];
          return edit(frame).map((one) => JSON.stringify(one));
        },
      }),
    }),
  };
}

function headers(title: string, edit: (headers: Headers) => Headers): Variation {
  return { title, create: () => ({ answer: (answer) => ({ ...answer, headers: edit(answer.headers) }) }) };
}

function slow(title: string, millisecondsOf: (index: number) => number): Variation {
  return {
    title,
    create: () => {
      let index = 0;
      return {
        answer: (answer) => new Promise((resolve) => setTimeout(resolve, millisecondsOf(index++), answer)),
      };
    },
  };
}

/** Holds back the first event of each pair until the second one or another message comes. */
function pairing(): Change {
  return {
    socket: () => {
      let held: string | undefined;
      return {
        fromServer(message) {
          const first = held === undefined ? [] : [held];
          held = undefined;
          const isEvent = message.startsWith('{"type":"event"') && message.includes('"item_delta"');
          if (isEvent && first.length === 0) {
            held = message;
            return [];
          }
          return [...first, message];
        },
      };
    },
  };
}

function add(body: JsonObject, name: string, value: Json): void {
  body[name] = value;
}
