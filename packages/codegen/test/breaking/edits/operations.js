/**
 * @file Edits of operations, addresses and credentials.
 */
const SESSION = '/api/sessions/{session_id}';

/** After which an old client or an old log suffers. @type {import('./edit.js').Edit[]} */
export const breaking = [
  ['remove an operation', /operation listAgents .* is gone/, (_, { paths }) => delete paths['/api/agents']],
  [
    'rename an operation',
    /is called openSession now/,
    (_, { paths }) => {
      paths['/api/sessions'].post.operationId = 'openSession';
    },
  ],
  [
    'move an operation to another path',
    /GET \/api\/health has become GET \/api\/healthz/,
    (_, { paths }) => {
      paths['/api/healthz'] = paths['/api/health'];
      delete paths['/api/health'];
    },
  ],
  [
    'give an operation another method',
    /has become PUT/,
    (_, { paths }) => {
      const item = paths[`${SESSION}/apply_patch`];
      item.put = item.post;
      delete item.post;
    },
  ],
  [
    'move to another address',
    /address http:\/\/127\.0\.0\.1:8080 is gone/,
    (_, openapi) => {
      openapi.servers[0].url = 'http://127.0.0.1:9090';
    },
  ],
  [
    'ask for a credential where none was needed',
    /no credential does not suffice/,
    (_, { paths }) => {
      delete paths['/api/health'].get.security;
    },
  ],
  [
    'take one kind of credential no longer',
    /apiKey.* does not suffice/,
    (_, openapi) => {
      openapi.security = [{ bearer: [] }];
    },
  ],
  [
    'call the cookie of a login otherwise',
    /parley_login.* does not suffice/,
    (_, openapi) => {
      openapi.components.securitySchemes.cookie.name = 'parley';
    },
  ],
];

/** That no old client and no old log notices. @type {import('./edit.js').Edit[]} */
export const compatible = [
  ['change nothing', undefined, () => undefined],
  [
    'describe things in other words',
    undefined,
    ({ Session }, openapi) => {
      Session.description = 'Another one.';
      openapi.paths['/api/sessions'].get.summary = 'All of them';
    },
  ],
  [
    'give a schema another name',
    undefined,
    (schemas, openapi) => {
      schemas.HealthStatus = schemas.Health;
      delete schemas.Health;
      openapi.paths['/api/health'].get.responses['200'].content['application/json'].schema.$ref =
        '#/components/schemas/HealthStatus';
    },
  ],
  [
    'write a schema in its place',
    undefined,
    (schemas) => {
      schemas.ErrorDetail.properties.pointer = { allOf: [{ type: 'string' }, { maxLength: 1_024 }] };
    },
  ],
  [
    'call a parameter of a path otherwise',
    undefined,
    (_, { components, paths }) => {
      components.parameters.session_id.name = 'id';
      for (const path of Object.keys(paths).filter((key) => key.includes('{session_id}'))) {
        paths[path.replace('{session_id}', '{id}')] = paths[path];
        delete paths[path];
      }
    },
  ],
  [
    'add an operation',
    /operation getVersion .* is new/,
    (_, { paths }) => {
      paths['/api/version'] = { get: { operationId: 'getVersion', responses: { 200: { description: 'It.' } } } };
    },
  ],
  ['add an address', undefined, (_, { servers }) => servers.push({ url: 'http://[::1]:8080' })],
  [
    'ask for no credential any more',
    /no credential suffices now/,
    (_, { paths }) => {
      paths['/api/agents'].get.security = [];
    },
  ],
  [
    'take another kind of credential as well',
    /mutualTLS suffices now/,
    (_, openapi) => {
      openapi.components.securitySchemes.certificate = { type: 'mutualTLS' };
      openapi.security.push({ certificate: [] });
    },
  ],
  [
    'call a kind of credential otherwise',
    undefined,
    (_, openapi) => {
      openapi.components.securitySchemes.token = openapi.components.securitySchemes.bearer;
      delete openapi.components.securitySchemes.bearer;
      openapi.security[0] = { token: [] };
    },
  ],
];
