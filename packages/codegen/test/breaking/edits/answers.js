/**
 * @file Edits of answers.
 */
const SESSION = '/api/sessions/{session_id}';
const TEXT = { type: 'string', maxLength: 256 };

/** After which an old client or an old log suffers. @type {import('./edit.js').Edit[]} */
export const breaking = [
  ['let a field of an answer be missing', /^uptime may be missing/, ({ Health }) => Health.required.pop()],
  [
    'remove a field of an answer that is always there',
    /^session_count is gone/,
    ({ Health }) => {
      delete Health.properties.session_count;
      Health.required = Health.required.filter((name) => name !== 'session_count');
    },
  ],
  [
    'remove a field of an answer that may be missing',
    /^version is gone/,
    ({ Health }) => delete Health.properties.version,
  ],
  [
    'rename a field of an answer',
    /^next_cursor is gone/,
    ({ SessionList }) => {
      SessionList.properties.cursor = SessionList.properties.next_cursor;
      delete SessionList.properties.next_cursor;
      SessionList.required = ['sessions', 'cursor'];
    },
  ],
  [
    'give a field of an answer another type',
    /type: integer → string/,
    ({ Health }) => {
      Health.properties.uptime = { type: 'string' };
    },
  ],
  [
    'answer null where there was always something',
    /type: object → null|type: .*null/,
    ({ AgentDescription }) => {
      AgentDescription.properties.title.type = ['string', 'null'];
    },
  ],
  [
    'send longer texts',
    /maxLength: 8192 → 16384/,
    ({ ErrorData }) => {
      ErrorData.properties.message.maxLength = 16_384;
    },
  ],
  [
    'send texts of any length',
    /maxLength: 256 → none/,
    ({ SessionList }) => {
      delete SessionList.properties.next_cursor.maxLength;
    },
  ],
  [
    'send less than the least number',
    /minimum: 0 → -1/,
    ({ Health }) => {
      Health.properties.session_count.minimum = -1;
    },
  ],
  [
    'send fractions',
    /type: integer → number/,
    ({ Health }) => {
      Health.properties.uptime.type = 'number';
    },
  ],
  [
    'send more items',
    /maxItems: 100 → 200/,
    ({ SessionList }) => {
      SessionList.properties.sessions.maxItems = 200;
    },
  ],
  [
    'send texts beyond a pattern',
    /^text: the pattern/,
    ({ AgentName }) => {
      AgentName.pattern = '^[A-Za-z0-9][A-Za-z0-9_-]*$';
    },
  ],
  ['send ids that are no UUIDs', /^text: a UUID → any text/, ({ SessionId }) => delete SessionId.format],
  [
    'send a new value of a closed set',
    /"submitted" is gone|"accepted" is new/,
    ({ SubmitResponse }) => {
      SubmitResponse.properties.status.const = 'accepted';
    },
  ],
  [
    'answer with another success status',
    /status 201 is gone/,
    (_, { paths }) => {
      const { responses } = paths['/api/sessions'].post;
      responses['200'] = responses['201'];
      delete responses['201'];
    },
  ],
  [
    'answer with one more success status',
    /status 202 is new/,
    (_, { paths }) => {
      const { responses } = paths[`${SESSION}/submit`].post;
      responses['202'] = responses['200'];
    },
  ],
  [
    'answer as another media type',
    /application\/json is gone/,
    (_, { paths }) => {
      const { content } = paths['/api/agents'].get.responses['200'];
      content['application/problem+json'] = content['application/json'];
      delete content['application/json'];
    },
  ],
  [
    'answer without the body',
    /application\/json is gone/,
    (_, { paths }) => {
      delete paths[`${SESSION}/submit`].post.responses['200'].content;
    },
  ],
  [
    'send a header no longer',
    /^location is gone/,
    (_, { paths }) => {
      delete paths['/api/sessions'].post.responses['201'].headers;
    },
  ],
  [
    'give a header another type',
    /type: integer → string/,
    (_, { components }) => {
      components.headers.RetryAfter.schema = { type: 'string' };
    },
  ],
];

/** That no old client and no old log notices. @type {import('./edit.js').Edit[]} */
export const compatible = [
  [
    'add a field to an answer',
    /^hostname is new/,
    ({ Health }) => {
      Health.properties.hostname = TEXT;
    },
  ],
  [
    'add a field to an answer that is always there',
    /^hostname is new/,
    ({ Health }) => {
      Health.properties.hostname = TEXT;
      Health.required.push('hostname');
    },
  ],
  ['always send what might be missing', /^version is needed/, ({ Health }) => Health.required.push('version')],
  [
    'send shorter texts',
    /maxLength: 8192 → 4096/,
    ({ AgentDescription }) => {
      AgentDescription.properties.reason.maxLength = 4_096;
    },
  ],
  [
    'send null no longer',
    /type: null → string/,
    ({ AgentDescription }) => {
      AgentDescription.properties.reason.type = 'string';
    },
  ],
  ['send a new value of an open set', /"sleeping" is new/, ({ SessionStatus }) => SessionStatus.enum.push('sleeping')],
  [
    'send a value no longer, which is nowhere kept',
    /"degraded" is gone/,
    ({ Health }) => {
      Health.properties.status.enum.pop();
    },
  ],
  [
    'answer with one more error',
    /status 418 is new/,
    (_, { paths, components }) => {
      paths['/api/agents'].get.responses['418'] = components.responses.Error;
    },
  ],
  [
    'answer with one error less',
    /status 404 is gone/,
    (_, { paths }) => {
      delete paths[SESSION].get.responses['404'];
    },
  ],
  [
    'answer one more code with a status',
    undefined,
    (_, { paths }) => {
      const [, narrowed] = paths[`${SESSION}/patch`].get.responses['409'].content['application/json'].schema.allOf;
      narrowed.properties.code.enum.push('SessionClosed');
    },
  ],
  [
    'send one more header',
    /^etag is new/,
    (_, { paths }) => {
      paths['/api/agents'].get.responses['200'].headers = { ETag: { schema: TEXT } };
    },
  ],
];
