const impostors = 'e2e/attacks/impostors.test.ts';
const hostileRepository = 'packages/server/src/workspace/git/hostile-repository.test.ts';
const accounts = 'packages/server/src/http/accounts.test.ts';

/**
 * What SECURITY.md promises.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const security = [
  {
    name: 'takes a token for revoked while no file can be opened',
    promise: 'S',
    edits: [['record = before;', "return 'ended';"]],
    test: 'packages/server/src/auth/tokens.test.ts',
    title: 'end only when it is gone',
    short: true,
  },
  {
    name: 'lets strangers take every file that the server may open',
    promise: 'S',
    edits: [['connectionsWithin(openFiles)', 'openFiles']],
    test: 'e2e/attacks/credentials.test.ts',
    title: 'takes every file that the server may open',
  },
  {
    name: 'gives the token to whoever listens where a killed server did',
    promise: 'S',
    edits: [[' && (started === undefined || started === processStartTime(pid))', '']],
    test: 'packages/client/src/local/local.test.ts',
    title: 'is not another process that got the pid',
  },
  {
    name: 'gives the token to whoever listens at the address of the server',
    promise: 'S',
    edits: [['proof.length === expected.length && timingSafeEqual(proof, expected)', 'true']],
    test: 'packages/client/src/local/local.test.ts',
    title: 'that proves nothing gets neither',
  },
  {
    name: 'gives a token that was named to whoever listens where a server did',
    promise: 'S',
    edits: [['const own = await found.token();', "const own = '';"]],
    test: impostors,
    title: 'listens where a server did',
  },
  {
    name: 'leaves the half of a file in the store of the server, each time',
    promise: 'S',
    edits: [['await removeUnfinished(recorded.gitDir);', '']],
    test: 'packages/server/src/workspace/git/write-tree.test.ts',
    title: 'leaves nothing of what was being written',
  },
  {
    name: 'waits for handshakes of TLS that nobody goes on with',
    promise: 'S',
    edits: [['connection.destroy()', 'if (connection.destroyed) connection.destroy()']],
    test: 'packages/server/src/http/tls.test.ts',
    title: 'ends without waiting for handshakes',
  },
  {
    name: 'compares files of any size, with forty times as much memory',
    promise: 'S',
    test: 'packages/server/src/workspace/git/tree-diff.test.ts',
    title: 'compares no file by line',
  },
  {
    name: 'reads files of any size into memory, to show them',
    promise: 'S',
    edits: [['size > MAX_SHOWN', 'size < 0']],
    test: 'packages/server/src/workspace/git/tree-diff.test.ts',
    title: 'compares no file by line',
  },
  {
    name: 'passes a secret on whose characters are escaped',
    promise: 'S',
    edits: [
      [
        'line.replace(matcher, (found, place: number) => (isEscaped(line, place) ? found : REDACTED))',
        'cleanText(line)',
      ],
    ],
    test: 'packages/agents/src/acp/held-secrets.test.ts',
    title: 'however its characters are escaped',
  },
  {
    name: 'holds bodies of anybody',
    promise: 'S',
    edits: [['Math.min(maxBodyBytes, maxPublicBodyBytes)', 'maxBodyBytes']],
    test: 'packages/server/src/http/bounds.test.ts',
    title: 'where no credential is asked for',
  },
  {
    name: 'lets one account take all sessions',
    promise: 'S',
    test: accounts,
    title: 'have four fifths of the sessions at most',
  },
  {
    name: "tells the modes of another account's session",
    promise: 'S',
    edits: [['fold.account === account', 'fold']],
    test: accounts,
    title: 'know neither the modes nor the number',
  },
  {
    name: 'tells anybody how many sessions there are',
    promise: 'S',
    edits: [['principal ? sessions.openSessions(principal) : 0', "sessions.openSessions({ account: 'ci' })"]],
    test: accounts,
    title: 'know neither the modes nor the number',
  },
  {
    name: 'reads and writes through a link that was put into a path',
    promise: 'S',
    test: hostileRepository,
    title: 'in place of a folder of its git',
  },
  {
    name: 'records for an agent what a link led to',
    promise: 'S',
    edits: [['!isSame(entry, found)', 'path === undefined']],
    test: 'packages/server/src/workspace/git/verify-tree.test.ts',
    title: 'whatever git was led to while it read',
  },
  {
    name: 'says that a file has landed that was moved away with its folder',
    promise: 7,
    test: 'packages/server/src/workspace/landing/landing.test.ts',
    title: 'moved away with what was written into it',
  },
  {
    name: 'lets git open what stands in place of its files',
    promise: 'S',
    test: hostileRepository,
    title: 'what a link leads to that is in place of',
  },
  {
    name: 'reads for an agent what a repository names',
    promise: 'S',
    test: hostileRepository,
    title: 'as ignore rules outside of it',
  },
  {
    name: 'reads for an agent what a repository includes',
    promise: 'S',
    edits: [['isInside(top, included)', "included !== ''"]],
    test: 'packages/server/src/workspace/copy/agent-git.test.ts',
    title: 'nothing that is read elsewhere',
  },
  {
    name: 'waits for a pipe in place of an object',
    promise: 'S',
    test: 'packages/server/src/workspace/copy/history-objects.test.ts',
    title: 'a pipe is in place of it',
  },
  {
    name: 'has git open what is in place of objects',
    promise: 'S',
    edits: [['&& !copied.isOdd && ', '&& ']],
    test: 'packages/server/src/workspace/copy/history-objects.test.ts',
    title: 'is one pack where it has many objects',
  },
  {
    name: 'has git follow the links of a project',
    promise: 'S',
    edits: [['!copied.isOdd', "top !== ''"]],
    test: 'packages/server/src/workspace/copy/history-objects.test.ts',
    title: 'through no link where it is large',
  },
  {
    name: 'waits for a pipe that a project names as its ignore rules',
    promise: 'S',
    edits: [['config: OPEN_NOTHING', 'config: {}']],
    test: hostileRepository,
    title: 'not read as the ignore rules',
  },
  {
    name: 'waits for git, though the server is stopping',
    promise: 'S',
    test: hostileRepository,
    title: 'holds up no server that stops',
  },
  {
    name: 'keeps any number of answers for an agent that does not read them',
    promise: 'S',
    test: 'packages/agents/src/acp/connection.test.ts',
    title: 'takes no answer is not read on',
  },
  {
    name: 'reads on from an agent that asks faster than it can be asked back',
    promise: 'S',
    edits: [['return entries.full ? entries.room() : undefined;', 'return undefined;']],
    test: 'packages/agents/src/acp/connection.test.ts',
    title: 'fill the queue',
  },
  {
    name: 'cuts inside of a character',
    promise: 9,
    test: 'packages/agents/src/map/fit-event.test.ts',
    title: 'a text is cut between characters',
  },
  {
    name: 'writes all the output that is kept again for each piece that is not',
    promise: 'S',
    edits: [['!replaced && printed', 'replaced && printed']],
    test: 'packages/agents/src/map/tool-call.test.ts',
    title: 'show output that is not kept any more',
  },
  {
    name: 'writes all the output that is kept again for each end of a command',
    promise: 'S',
    edits: [['ended ? undefined : ', '']],
    test: 'packages/agents/src/map/tool-call.test.ts',
    title: 'show output that is not kept any more',
  },
];
