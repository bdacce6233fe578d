/**
 * @file What has changed between two releases of the WebSocket interface.
 */
import { inside } from './contract.js';
import { compareSecurity } from './security.js';
import { objectNode, unionNode } from './shapes.js';

const FILE = 'asyncapi.yaml#';
const WAYS = {
  send: { direction: 'answer', label: "server's frame" },
  receive: { direction: 'request', label: "client's frame" },
};

/**
 * @param {ReturnType<typeof import('./judge.js').createJudge>} judge
 * @param {import('./contract.js').Contract} old
 * @param {import('./contract.js').Contract} current
 */
export function compareSocket(judge, old, current) {
  const [before, after] = [old.documents['asyncapi.yaml'], current.documents['asyncapi.yaml']];
  const tell = (where, what, means, places, breaking = true) =>
    judge.tell(where, { breaking, direction: 'socket', rule: 'socket', what, means, ...places });
  compareServers(judge, tell, before, after);
  compareNames(tell, 'channel', before.channels ?? {}, after.channels ?? {}, 'channels');
  compareNames(tell, 'operation', before.operations ?? {}, after.operations ?? {}, 'operations');
  if (before.defaultContentType !== after.defaultContentType) {
    const what = `the content type ${before.defaultContentType} has become ${after.defaultContentType}`;
    tell('every frame', what, 'Old clients read and write the old one.', bothAt(inside(FILE, 'defaultContentType')));
  }
  for (const id of Object.keys(before.channels ?? {}).filter((name) => after.channels?.[name])) {
    compareChannel(judge, tell, id, old, current);
  }
}

function bothAt(place) {
  return { old: place, new: place };
}

/** What is known by its name: a new name is one that old clients do not use. */
function compareNames(tell, kind, before, after, ...keys) {
  for (const id of Object.keys(before)) {
    if (after[id] !== undefined) continue;
    tell(id, `the ${kind} ${id} is gone, or has another name`, 'Old clients use it.', {
      old: inside(FILE, ...keys, id),
    });
  }
  for (const id of Object.keys(after)) {
    if (before[id] !== undefined) continue;
    tell(id, `the ${kind} ${id} is new`, 'Old clients do not use it.', { new: inside(FILE, ...keys, id) }, false);
  }
}

function compareServers(judge, tell, before, after) {
  for (const [name, server] of Object.entries(before.servers ?? {})) {
    const place = inside(FILE, 'servers', name);
    const same = Object.values(after.servers ?? {}).find(
      ({ host, protocol }) => host === server.host && protocol === server.protocol,
    );
    if (same === undefined) {
      const what = `the address ${server.protocol}://${server.host} is gone`;
      tell('every channel', what, 'Old clients that use the documented address find nobody there.', { old: place });
      continue;
    }
    const security = (document, { security: list = [] }) => ({
      place: inside(place, 'security'),
      requirements: list.map((part) => ({ [part.$ref?.split('/').at(-1) ?? JSON.stringify(part)]: [] })),
      definition: (id) => document.components?.securitySchemes?.[id],
    });
    compareSecurity(judge, 'every channel', security(before, server), security(after, same));
  }
}

function compareChannel(judge, tell, id, old, current) {
  const place = inside(FILE, 'channels', id);
  const [before, after] = [old.value(place), current.value(place)];
  const address = (channel) => channel.address.replaceAll(/\{[^}]+\}/g, '{}');
  if (address(before) !== address(after)) {
    const what = `the address ${before.address} has become ${after.address}`;
    tell(id, what, 'Old clients connect to the old one.', bothAt(inside(place, 'address')));
  }
  const [method, newMethod] = [before, after].map((channel) => channel.bindings?.ws?.method ?? 'GET');
  if (method !== newMethod) {
    const what = `the handshake's method ${method} has become ${newMethod}`;
    tell(id, what, 'Old clients use the old one.', bothAt(inside(place, 'bindings', 'ws')));
  }
  for (const part of ['query', 'headers']) {
    judge.compare('request', `handshake, ${part}`, id, (side) => {
      const at = inside(place, 'bindings', 'ws', part);
      return side.contract.value(at) === undefined ? objectNode(inside(place, 'bindings'), [], true) : side.node(at);
    });
  }
  const messages = { old: messagesOf(old, id), current: messagesOf(current, id) };
  compareMessages(tell, id, messages);
  for (const [action, { direction, label }] of Object.entries(WAYS)) {
    if (messages.old[action].size === 0 || messages.current[action].size === 0) continue;
    judge.compare(direction, label, id, (side, isOld) => {
      const payloads = [...messages[isOld ? 'old' : 'current'][action].values()].map((at) =>
        side.node(inside(at, 'payload')),
      );
      return unionNode(place, payloads);
    });
  }
}

function compareMessages(tell, id, { old, current }) {
  for (const action of Object.keys(WAYS)) {
    const other = action === 'send' ? 'receive' : 'send';
    const who = action === 'send' ? 'server' : 'client';
    for (const [name, place] of old[action]) {
      const there = current[action].get(name);
      if (there !== undefined) continue;
      const turned = current[other].get(name);
      const what =
        turned === undefined
          ? `the message ${name} is gone, or has another name`
          : `the message ${name} goes the other way now`;
      tell(`${id} ${name}`, what, `Old clients expect the ${who} to send it.`, { old: place, new: turned });
    }
    for (const [name, place] of current[action]) {
      if (old[action].has(name) || old[other].has(name)) continue;
      // Whether old clients can read a new one is said where the frames are compared.
      tell(`${id} ${name}`, `the message ${name} is new`, `Only a new ${who} sends it.`, { new: place }, false);
    }
  }
}

/** The places of the messages of a channel, by who sends them and by name. */
function messagesOf(contract, channelId) {
  /** @type {Record<string, Map<string, string>>} */
  const found = { send: new Map(), receive: new Map() };
  const channel = inside(FILE, 'channels', channelId);
  for (const [id, operation] of Object.entries(contract.documents['asyncapi.yaml'].operations ?? {})) {
    if (contract.follow(inside(FILE, 'operations', id, 'channel')) !== channel) continue;
    for (const [index, reference] of (operation.messages ?? []).entries()) {
      const name = reference.$ref?.split('/').at(-1) ?? `${index}`;
      found[operation.action]?.set(name, contract.follow(inside(FILE, 'operations', id, 'messages', index)));
    }
  }
  return found;
}
