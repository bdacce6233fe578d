const patchesFile = 'packages/server/src/sessions/patches.ts';
const approvals = 'packages/server/src/sessions/approvals.ts';
const sessionTest = 'packages/server/src/sessions/session.test.ts';
const hostTest = 'packages/server/src/sessions/session-host.test.ts';
const consentTest = 'packages/server/src/sessions/consent.test.ts';

/**
 * Promise 7: nothing is written without consent, nothing outside of the working directory, and all of it can be undone.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const patches = [
  {
    name: 'applies another patch than the one that was shown',
    promise: 7,
    file: patchesFile,
    edits: [
      ['if (request.patch_id !== undefined && request.patch_id !== patch_id) {', "if (request.patch_id === '') {"],
    ],
    test: sessionTest,
    title: 'refuses a patch that has been superseded',
    short: true,
  },
  {
    name: 'applies a patch that somebody has just rejected',
    promise: 7,
    file: patchesFile,
    edits: [['if (consented.length < pending.approvalIds.length) {', 'if (consented.length < 0) {']],
    test: consentTest,
    title: 'is refused when somebody has rejected it meanwhile',
  },
  {
    name: 'takes two answers to one approval',
    promise: 7,
    file: approvals,
    edits: [
      ['const approval = pendingApproval(journal.head, id);', 'const approval = pendingApproval(journal.durable, id);'],
    ],
    test: consentTest,
    title: 'two at once',
  },
  {
    name: 'allows by policy what it should deny',
    promise: 7,
    file: approvals,
    edits: [["policy === 'auto' ? 'allow_once' : 'reject_once'", "policy !== 'ask' ? 'allow_once' : 'reject_once'"]],
    test: sessionTest,
    title: 'answers by policy: deny',
  },
  {
    name: 'writes outside of the working directory',
    promise: 7,
    file: 'packages/server/src/workspace/planned-file.ts',
    edits: [['isInside(cwd, absolute) ?', 'absolute !== cwd ?']],
    test: 'packages/server/src/workspace/unified-diff.test.ts',
    title: 'names a file outside the working directory',
  },
  {
    name: 'reverts over what the user has changed since',
    promise: 7,
    file: 'packages/server/src/workspace/kept-patches.ts',
    edits: [['if (problems.length > 0) return problems;', '']],
    test: 'packages/server/src/workspace/kept-patches.test.ts',
    title: 'changes nothing when one of the files has changed since',
  },
  {
    name: 'reverts a patch twice at once',
    promise: 7,
    file: patchesFile,
    edits: [['const mine = before.then(command, command);', 'const mine = command();']],
    test: hostTest,
    title: 'reverts a patch once when it is asked twice',
  },
  {
    name: 'says that files were written which were not',
    promise: 7,
    file: patchesFile,
    edits: [['if (same && !intended) problems.push(', 'if (same && intended) problems.push(']],
    test: consentTest,
    title: 'although it may is no success',
  },
  {
    name: 'applies a patch that has conflicts',
    promise: 7,
    file: patchesFile,
    edits: [
      ["if (conflicts.length > 0) throw conflict('The patch", "if (conflicts.length < 0) throw conflict('The patch"],
    ],
    test: consentTest,
    title: 'that cannot be written is not applied',
  },
  {
    name: 'leaves a revert half done where it fails',
    promise: 7,
    file: 'packages/server/src/workspace/kept-patches.ts',
    edits: [['for (const back of undo.reverse()) await back();', '']],
    test: 'packages/server/src/workspace/kept-patches.test.ts',
    title: 'when it breaks off in the middle',
  },
];
