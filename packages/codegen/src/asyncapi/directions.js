/**
 * @file Who sends what on a channel: what its operations and their replies say.
 */
import { keysOf, resolvePointer } from '../pointer.js';
import { discriminate } from '../schemas/union.js';
import { isObjectAlone, refTo } from '../schemas/walk.js';
import { nameChannel } from './channels.js';
import { readMessage, withTraits } from './messages.js';

/**
 * @param {any} document
 * @param {string} channel Its id.
 * @param {Record<string, any>} schemas
 * @param {{place: string, schema: any}[]} unseen Gets the schemas of messages' headers.
 * @returns {{server: import('./model.js').Direction, client: import('./model.js').Direction}}
 * @throws where nothing says who sends a message.
 */
export function readDirections(document, channel, schemas, unseen) {
  const operations = readOperations(document).filter((operation) => operation.channel === channel);
  const declared = Object.entries(messagesOf(document, channel));
  const read = new Map(declared.map(([id, message]) => [id, readMessage(document, message, { id, channel }, unseen)]));
  refuseUnsent(channel, [...read.keys()], operations);
  const name = nameChannel(channel);
  const direction = (action, type) => {
    const own = operations.filter((operation) => operation.action === action && operation.messages.length > 0);
    return createDirection(type, own, read, schemas);
  };
  return { server: direction('send', `${name}ServerFrame`), client: direction('receive', `${name}ClientFrame`) };
}

/** An operation whose list of messages is empty says that the channel has some that nobody sends. */
function refuseUnsent(channel, ids, operations) {
  const sent = new Set(operations.flatMap(({ messages }) => messages));
  const isMeant = operations.some(({ messages }) => messages.length === 0);
  const unsent = ids.find((id) => !sent.has(id));
  if (unsent !== undefined && !isMeant) {
    throw new Error(
      `No operation says who sends channels/${channel}/messages/${unsent}; expected one that sends or receives it.`,
    );
  }
}

function createDirection(type, operations, read, schemas) {
  // Each direction tells its frames apart by itself.
  const messages = [...new Set(operations.flatMap((operation) => operation.messages))].map((id) => ({
    ...read.get(id),
  }));
  const union =
    messages.length > 0 ? discriminate({ oneOf: messages.map(({ schema }) => refTo(schema)) }, schemas) : undefined;
  for (const [index, message] of messages.entries()) {
    message.isObject = isObjectAlone(refTo(message.schema), schemas);
    message.tag = union?.tags[index]?.length === 1 ? union.tags[index][0] : undefined;
  }
  const isDistinct = union !== undefined && messages.every(({ tag }) => tag !== undefined);
  const named = operations.map(({ id, description, messages: ids }) => ({
    id,
    description,
    messages: ids.map((messageId) => messages.find((message) => message.id === messageId)),
  }));
  return { type, messages, operations: named, property: isDistinct ? union.property : undefined };
}

/** All operations, and after each the sending of its reply, which is one too. */
function readOperations(document) {
  const ids = Object.keys(document.operations ?? {});
  return ids.flatMap((id) => {
    const place = `operations/${id}`;
    const { action, channel, messages, reply, summary, description } = withTraits(
      document,
      document.operations[id],
      place,
    );
    const own = channelOf(document, channel, `${place}/channel`);
    const operation = {
      id,
      action,
      channel: own,
      description: summary ?? description ?? '',
      messages: idsOf(document, own, messages, `${place}/messages`),
    };
    if (reply === undefined) return [operation];
    const answer = readReply(document, reply, operation);
    if (ids.includes(answer.id)) throw new Error(`operations/${answer.id} has the name of the reply of ${place}.`);
    return [operation, answer];
  });
}

function readReply(document, declared, { id, action, channel }) {
  const place = `operations/${id}/reply`;
  const reply = resolvePointer(document, declared, place);
  if (reply.channel === undefined && reply.messages === undefined) {
    throw new Error(`${place} says nothing; expected its messages, or the channel on which it comes.`);
  }
  const own = reply.channel === undefined ? channel : channelOf(document, reply.channel, `${place}/channel`);
  return {
    id: `${id}Reply`,
    action: action === 'send' ? 'receive' : 'send',
    channel: own,
    description: `The reply to \`${id}\`.`,
    messages: idsOf(document, own, reply.messages, `${place}/messages`),
  };
}

function channelOf(document, reference, place) {
  const [kind, id] = keysOf(reference?.$ref ?? '');
  if (kind === 'channels' && Object.hasOwn(document.channels ?? {}, id)) return id;
  const target = resolvePointer(document, reference, place);
  const found = Object.keys(document.channels ?? {}).find(
    (known) => resolvePointer(document, document.channels[known]) === target,
  );
  if (found === undefined) throw new Error(`${place}: expected a reference to one of #/channels.`);
  return found;
}

/** The ids of the messages that a list refers to; without a list, of all messages of the channel. */
function idsOf(document, channel, list, place) {
  const known = messagesOf(document, channel);
  if (list === undefined) return Object.keys(known);
  const ids = list.map((reference, index) => {
    const keys = keysOf(reference?.$ref ?? '');
    if (keys[0] === 'channels' && keys[1] === channel && Object.hasOwn(known, keys[3])) return keys[3];
    const target = resolvePointer(document, reference, `${place}/${index}`);
    const found = Object.keys(known).find((id) => resolvePointer(document, known[id]) === target);
    if (found === undefined) {
      throw new Error(`${place}/${index}: expected a reference to one of #/channels/${channel}/messages.`);
    }
    return found;
  });
  return [...new Set(ids)];
}

function messagesOf(document, channel) {
  return resolvePointer(document, document.channels[channel], `channels/${channel}`).messages ?? {};
}
