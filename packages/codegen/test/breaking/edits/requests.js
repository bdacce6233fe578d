/**
 * @file Edits of requests.
 */
const SESSION = '/api/sessions/{session_id}';
const TEXT = { type: 'string', maxLength: 256 };

/** After which an old client or an old log suffers. @type {import('./edit.js').Edit[]} */
export const breaking = [
  [
    'need a parameter',
    /^status is needed/,
    (_, { paths }) => {
      paths['/api/sessions'].get.parameters[2].required = true;
    },
  ],
  [
    'add a parameter that is needed',
    /^since is needed/,
    (_, { paths }) => {
      paths['/api/sessions'].get.parameters.push({
        name: 'since',
        in: 'query',
        required: true,
        schema: { type: 'integer' },
      });
    },
  ],
  ['remove a parameter', /^cursor is gone/, (_, { paths }) => paths['/api/sessions'].get.parameters.splice(1, 1)],
  [
    'remove a header that clients send',
    /^idempotency-key is gone/,
    (_, { paths }) => {
      paths[`${SESSION}/submit`].post.parameters = [];
    },
  ],
  [
    'narrow a bound of a parameter',
    /maximum: 1000 → 500/,
    (_, { paths }) => {
      paths[`${SESSION}/history`].get.parameters[1].schema.maximum = 500;
    },
  ],
  [
    'change the default of a parameter',
    /default of limit: 20 → 50/,
    (_, { paths }) => {
      paths['/api/sessions'].get.parameters[0].schema.default = 50;
    },
  ],
  [
    'take fewer values of a parameter',
    /"closed" is gone/,
    (_, { paths }) => {
      paths['/api/sessions'].get.parameters[2].schema.enum.pop();
    },
  ],
  [
    'narrow the texts of a header',
    /^maxLength: 128 → 64/,
    (schemas) => {
      schemas.IdempotencyKey.maxLength = 64;
    },
  ],
  [
    'need a body where none was needed',
    /application\/json is needed/,
    (_, { paths }) => {
      paths[`${SESSION}/apply_patch`].post.requestBody.required = true;
    },
  ],
  [
    'take another media type',
    /application\/json is gone/,
    (_, { paths }) => {
      const { content } = paths['/api/login'].post.requestBody;
      content['application/x-www-form-urlencoded'] = content['application/json'];
      delete content['application/json'];
    },
  ],
  [
    'need a field of a request',
    /^agent is needed/,
    ({ CreateSessionRequest }) => CreateSessionRequest.required.push('agent'),
  ],
  [
    'remove a field of a request',
    /^config_profile is gone/,
    ({ CreateSessionRequest }) => {
      delete CreateSessionRequest.properties.config_profile;
    },
  ],
  [
    'rename a field of a request',
    /^web_search is gone/,
    ({ CreateSessionRequest: { properties } }) => {
      properties.search = properties.web_search;
      delete properties.web_search;
    },
  ],
  [
    'give a field of a request another type',
    /type: boolean → string/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.oss = { type: 'string' };
    },
  ],
  [
    'take fewer values of a field',
    /"deny" is gone/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.approval_policy.enum.pop();
    },
  ],
  [
    'take fewer characters',
    /maxLength: 4096 → 1024/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.cwd.maxLength = 1024;
    },
  ],
  [
    'need more characters',
    /minLength: 1 → 8/,
    ({ LoginRequest }) => {
      LoginRequest.properties.token.minLength = 8;
    },
  ],
  [
    'narrow a pattern',
    /^text: the pattern/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.model.pattern = '^[a-z0-9.-]+$';
    },
  ],
  [
    'add a pattern where there was none',
    /^text: any text/,
    ({ LoginRequest }) => {
      LoginRequest.properties.token.pattern = '^parley_';
    },
  ],
  [
    'ask for a format',
    /^text: any text → a URI/,
    ({ LoginRequest }) => {
      LoginRequest.properties.token.format = 'uri';
    },
  ],
  [
    'raise the least number',
    /minimum: 1000 → 5000/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.approval_timeout.minimum = 5_000;
    },
  ],
  [
    'take fewer items',
    /maxItems: 64 → 8/,
    ({ UserMessageSubmission }) => {
      UserMessageSubmission.properties.content.oneOf[1].maxItems = 8;
    },
  ],
  [
    'take no null or no alternative type',
    /type: boolean → string/,
    ({ ConfigureSubmission }) => {
      ConfigureSubmission.properties.value.type = 'string';
    },
  ],
  ['remove a variant of a request', /variant configure is gone/, ({ Submission }) => Submission.oneOf.pop()],
  [
    'change a default of a request',
    /default of cookie: true → false/,
    ({ LoginRequest }) => {
      LoginRequest.properties.cookie.default = false;
    },
  ],
  [
    'no longer say a default',
    /default of workspace: "direct" → none/,
    ({ CreateSessionRequest }) => {
      delete CreateSessionRequest.properties.workspace.default;
    },
  ],
  [
    'take fewer properties of any name',
    /maxProperties: 64 → 16/,
    ({ Metadata }) => {
      Metadata.maxProperties = 16;
    },
  ],
  [
    'take shorter names of properties',
    /maxLength: 128 → 32/,
    ({ Metadata }) => {
      Metadata.propertyNames.maxLength = 32;
    },
  ],
  [
    'take no properties of any name',
    /any other property is gone/,
    ({ Metadata }) => {
      Metadata.additionalProperties = false;
    },
  ],
];

/** That no old client and no old log notices. @type {import('./edit.js').Edit[]} */
export const compatible = [
  [
    'add a parameter that may be left out',
    /^agent is new/,
    (_, { paths }) => {
      paths['/api/sessions'].get.parameters.push({ name: 'agent', in: 'query', schema: TEXT });
    },
  ],
  [
    'widen a bound of a parameter',
    /maximum: 100 → 500/,
    (_, { paths }) => {
      paths['/api/sessions'].get.parameters[0].schema.maximum = 500;
    },
  ],
  [
    'say a default that nobody said',
    undefined,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.title.default = 'Untitled';
    },
  ],
  [
    'add a field of a request that may be left out',
    /^patience is new/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.patience = { type: 'integer', minimum: 1, default: 10 };
    },
  ],
  [
    'need a field no longer',
    /^cwd may be missing/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.required = [];
    },
  ],
  [
    'take a body or none',
    /application\/json may be missing/,
    (_, { paths }) => {
      paths['/api/login'].post.requestBody.required = false;
    },
  ],
  [
    'take another media type as well',
    /application\/yaml is new/,
    (_, { paths }) => {
      const { requestBody } = paths['/api/login'].post;
      requestBody.required = false;
      requestBody.content['application/yaml'] = requestBody.content['application/json'];
    },
  ],
  [
    'take one more value',
    /"never" is new/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.approval_policy.enum.push('never');
    },
  ],
  [
    'take longer texts',
    /maxLength: 512 → 1024/,
    ({ LoginRequest }) => {
      LoginRequest.properties.token.maxLength = 1_024;
    },
  ],
  [
    'take texts of a wider pattern',
    /^text: the pattern/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.model.pattern = '^[^\\x00]+$';
    },
  ],
  [
    'write a pattern otherwise that says the same',
    undefined,
    (schemas) => {
      schemas.AgentName.pattern = '^[0-9a-z](?:[0-9a-z]|_|-)*$';
    },
  ],
  [
    'take any text where there was a pattern',
    /^text: the pattern .* → any text/,
    ({ CreateSessionRequest }) => {
      delete CreateSessionRequest.properties.config_profile.pattern;
    },
  ],
  [
    'take one more type',
    /type: boolean → (integer|string)/,
    ({ LoginRequest }) => {
      LoginRequest.properties.cookie.type = ['boolean', 'string'];
    },
  ],
  [
    'take fractions',
    /type: integer → number/,
    ({ CreateSessionRequest }) => {
      CreateSessionRequest.properties.approval_timeout.type = 'number';
    },
  ],
];
