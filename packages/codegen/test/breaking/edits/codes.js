/**
 * @file Edits of error codes and close codes.
 */

/** After which an old client or an old log suffers. @type {import('./edit.js').Edit[]} */
export const breaking = [
  [
    'remove an error code',
    /error code QueueFull is gone/,
    (_, openapi) => {
      delete openapi['x-errors'].QueueFull;
    },
  ],
  [
    'rename a close code',
    /name of the close code 4404/,
    (_, openapi) => {
      openapi['x-close-codes']['4404'].name = 'Gone';
    },
  ],
  [
    'give an error code another status',
    /status of the error code SessionClosed was 409 and is 410/,
    (_, openapi) => {
      openapi['x-errors'].SessionClosed.status = 410;
    },
  ],
  [
    'close with another code',
    /close_code of the error code Unauthorized was 4401 and is 4403/,
    (_, openapi) => {
      openapi['x-errors'].Unauthorized.close_code = 4403;
      openapi['x-close-codes']['4403'] = { name: 'Refused', resume: true };
    },
  ],
  [
    'say otherwise whether to try again',
    /retryable of the error code QueueFull/,
    (_, openapi) => {
      openapi['x-errors'].QueueFull.retryable = false;
    },
  ],
  [
    'say otherwise whether to connect again',
    /resume of the close code 4400/,
    (_, openapi) => {
      openapi['x-close-codes']['4400'].resume = true;
    },
  ],
  [
    'end connections for good with a code that is new',
    /close code 4499 is new, and nobody is to connect again/,
    (_, openapi) => {
      openapi['x-close-codes']['4499'] = { name: 'Banned', resume: false };
    },
  ],
];

/** That no old client and no old log notices. @type {import('./edit.js').Edit[]} */
export const compatible = [
  [
    'add an error code',
    /error code Teapot is new/,
    (schemas, openapi) => {
      openapi['x-errors'].Teapot = { status: 418, retryable: false };
      schemas.ErrorCode.enum.push('Teapot');
    },
  ],
  [
    'add a close code after which to connect again',
    /close code 4429 is new/,
    (_, openapi) => {
      openapi['x-close-codes']['4429'] = { name: 'TooManyFrames', resume: true };
    },
  ],
];
