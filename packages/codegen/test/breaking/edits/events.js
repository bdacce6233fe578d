/**
 * @file Edits of events, which are kept as well.
 */
const TEXT = { type: 'string', maxLength: 256 };

/** After which an old client or an old log suffers. @type {import('./edit.js').Edit[]} */
export const breaking = [
  [
    'need a field of an event, which old logs do not have',
    /^agent_version is needed/,
    ({ SessionCreatedEvent }) => {
      SessionCreatedEvent.required.push('agent_version');
    },
  ],
  [
    'remove an event, which old logs have',
    /variant usage_updated is gone/,
    ({ Event }) => {
      Event.oneOf = Event.oneOf.filter(({ $ref }) => !$ref.endsWith('/UsageUpdatedEvent'));
    },
  ],
  [
    'rename a field of an event',
    /^option_id is gone/,
    ({ ApprovalResolvedEvent: { properties } }) => {
      properties.option = properties.option_id;
      delete properties.option_id;
    },
  ],
  [
    'remove a value that old logs have, of an open set too',
    /"timeout" is gone/,
    ({ ResolvedBy }) => {
      ResolvedBy.enum = ResolvedBy.enum.filter((value) => value !== 'timeout');
    },
  ],
  [
    'add a value to a closed set that events carry',
    /"allow_twice" is new/,
    ({ ApprovalDecision }) => {
      ApprovalDecision.enum.push('allow_twice');
    },
  ],
  [
    'take a longer message, which events carry too',
    /maxLength: 524288 → 1048576/,
    ({ UserMessageSubmission }) => {
      UserMessageSubmission.properties.content.oneOf[0].maxLength = 1_048_576;
    },
  ],
  [
    'take a new kind of submission, which events carry too',
    /variant wave is new/,
    (schemas) => {
      schemas.WaveSubmission = {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: { type: { type: 'string', const: 'wave' } },
      };
      schemas.Submission.oneOf.push({ $ref: '#/components/schemas/WaveSubmission' });
    },
  ],
  [
    'narrow what an event may hold',
    /maxLength: 8192 → 4096/,
    ({ NoticeEvent }) => {
      NoticeEvent.properties.message.maxLength = 4_096;
    },
  ],
  [
    'let a field of an event be missing',
    /^cause may be missing/,
    ({ TurnCompletedEvent }) => TurnCompletedEvent.required.pop(),
  ],
];

/** That no old client and no old log notices. @type {import('./edit.js').Edit[]} */
export const compatible = [
  [
    'add an event',
    /variant goal_reached is new/,
    (schemas) => {
      schemas.GoalReachedEvent = {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: { type: { type: 'string', const: 'goal_reached' } },
      };
      schemas.Event.oneOf.push({ $ref: '#/components/schemas/GoalReachedEvent' });
    },
  ],
  [
    'add a field to an event that may be missing',
    /^model is new/,
    ({ TurnStartedEvent }) => {
      TurnStartedEvent.properties.model = TEXT;
    },
  ],
  ['add a value to an open set that events carry', /"dance" is new/, ({ ToolKind }) => ToolKind.enum.push('dance')],
  [
    'add a kind of content',
    /variant video is new/,
    (schemas) => {
      schemas.VideoContent = {
        type: 'object',
        additionalProperties: false,
        required: ['type', 'uri'],
        properties: { type: { type: 'string', const: 'video' }, uri: TEXT },
      };
      schemas.ContentBlock.oneOf.push({ $ref: '#/components/schemas/VideoContent' });
    },
  ],
  [
    'add a field to a submission that may be left out',
    /^priority is new/,
    ({ UserMessageSubmission }) => {
      UserMessageSubmission.properties.priority = { type: 'integer' };
    },
  ],
  ['write events in another order', undefined, ({ Event }) => Event.oneOf.reverse()],
];
