/** What the documents describe but no recorded suite uses, and why. Everything else must be seen. */
export const neverSeen: readonly { readonly names: RegExp; readonly reason: string }[] = [
  {
    names: /^\w+ 500$|^close 1011$/,
    reason:
      'No request makes the server fail. Where tests break it from inside, InternalError is seen of some operation.',
  },
  {
    names: /^\w+ 503$/,
    reason: 'A server that stops or cannot write says Unavailable of whatever is asked then, not of each operation.',
  },
  {
    names: /^\w+ 429$/,
    reason: 'One limit of requests stands before all operations and says TooManyRequests of whatever comes then.',
  },
  {
    names: /^(?:submit|applyPatch) 502$/,
    reason: 'An agent that ends in the middle of a command is tried below HTTP, where that moment can be chosen.',
  },
  {
    names: /^authenticateAgent 502$/,
    reason: 'A login that fails is tried in the tests of the server, with an agent that fails it.',
  },
  {
    names: /^listAgentSessions (?:422|502)$|^forkSession 502$/,
    reason: 'The demo agent lists its sessions, and starts; agents that do not are tried below HTTP.',
  },
  {
    names: /^(?:getHistory|probeEvents) 410$|^error CursorExpired$|^close 4410$/,
    reason:
      'The beginning of a log goes when the server has kept it for days; tried below HTTP, with a clock of its own.',
  },
  {
    names: /^close 4404$/,
    reason: 'A purge closes the session first: only who has not been told all by then sees it; tried below HTTP.',
  },
  {
    names: /^close 1006$/,
    reason: 'No close frame carries it: it is what a peer reads of a connection that broke.',
  },
];
