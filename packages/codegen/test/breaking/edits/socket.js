/**
 * @file Edits of the socket.
 */
const TEXT = { type: 'string', maxLength: 256 };

/** After which an old client or an old log suffers. @type {import('./edit.js').Edit[]} */
export const breaking = [
  [
    'remove a message',
    /message ClientHeartbeatFrame is gone/,
    (_, __, { operations }) => operations.receiveFromClient.messages.pop(),
  ],
  [
    'turn the direction of a message',
    /message ClientHeartbeatFrame goes the other way/,
    (_, __, { operations }) => {
      operations.sendToClient.messages.push(operations.receiveFromClient.messages.pop());
      operations.sendToClient.messages = operations.sendToClient.messages.filter(
        ({ $ref }) => !$ref.endsWith('ServerHeartbeatFrame'),
      );
    },
  ],
  [
    'send a new kind of frame',
    /variant goodbye is new/,
    (_, __, asyncapi) => {
      const payload = {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: { type: { type: 'string', const: 'goodbye' } },
      };
      asyncapi.components.schemas.GoodbyeFrame = payload;
      asyncapi.components.messages.GoodbyeFrame = {
        name: 'goodbye',
        payload: { $ref: '#/components/schemas/GoodbyeFrame' },
      };
      asyncapi.channels.events.messages.GoodbyeFrame = { $ref: '#/components/messages/GoodbyeFrame' };
      asyncapi.operations.sendToClient.messages.push({ $ref: '#/channels/events/messages/GoodbyeFrame' });
    },
  ],
  [
    'swap who sends what',
    /goes the other way now/,
    (_, __, { operations }) => {
      operations.sendToClient.action = 'receive';
      operations.receiveFromClient.action = 'send';
    },
  ],
  [
    'need a field of a client frame',
    /^token is needed/,
    (_, __, { components: { schemas } }) => {
      schemas.ClientHeartbeatFrame.properties.token = { type: 'string' };
      schemas.ClientHeartbeatFrame.required.push('token');
    },
  ],
  [
    'remove a field of a server frame',
    /^earliest_event_id is gone/,
    (_, __, { components: { schemas } }) => {
      delete schemas.ConnectionAck.properties.earliest_event_id;
      schemas.ConnectionAck.required = schemas.ConnectionAck.required.filter((name) => name !== 'earliest_event_id');
    },
  ],
  [
    'move the channel',
    /has become \/api\/sessions\/\{session_id\}\/stream/,
    (_, __, { channels }) => {
      channels.events.address = '/api/sessions/{session_id}/stream';
    },
  ],
  [
    'rename the cursor of a handshake',
    /^since_event_id is gone/,
    (_, __, { channels }) => {
      const { query } = channels.events.bindings.ws;
      query.properties = { after: query.properties.since_event_id };
    },
  ],
  [
    'need the cursor of a handshake',
    /^since_event_id is needed/,
    (_, __, { channels }) => {
      channels.events.bindings.ws.query.required = ['since_event_id'];
    },
  ],
  [
    'take a credential of the socket no longer',
    /Sec-WebSocket-Protocol.* does not suffice/,
    (_, __, { servers }) => servers.local.security.pop(),
  ],
];

/** That no old client and no old log notices. @type {import('./edit.js').Edit[]} */
export const compatible = [
  [
    'take a new kind of frame',
    /message PauseFrame is new/,
    (_, __, asyncapi) => {
      const payload = {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: { type: { type: 'string', const: 'pause' } },
      };
      asyncapi.components.schemas.PauseFrame = payload;
      asyncapi.components.messages.PauseFrame = { name: 'pause', payload: { $ref: '#/components/schemas/PauseFrame' } };
      asyncapi.channels.events.messages.PauseFrame = { $ref: '#/components/messages/PauseFrame' };
      asyncapi.operations.receiveFromClient.messages.push({ $ref: '#/channels/events/messages/PauseFrame' });
    },
  ],
  [
    'add a field to a server frame',
    /^region is new/,
    (_, __, { components: { schemas } }) => {
      schemas.ConnectionAck.properties.region = TEXT;
    },
  ],
  [
    'add a parameter of the handshake that may be left out',
    /^compress is new/,
    (_, __, { channels }) => {
      channels.events.bindings.ws.query.properties.compress = { type: 'boolean' };
    },
  ],
];
