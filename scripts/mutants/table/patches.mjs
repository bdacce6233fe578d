const patchesFile = 'packages/server/src/sessions/patches.ts';
const direct = 'packages/server/src/sessions/direct-patches.ts';
const isolated = 'packages/server/src/workspace/isolated';
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
    edits: [['if (asked === undefined || asked === pending) return;', "if (asked !== '') return;"]],
    test: sessionTest,
    title: 'refuses a patch that has been superseded',
    short: true,
  },
  {
    name: 'applies a patch that somebody has just rejected',
    promise: 7,
    file: direct,
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
    edits: [["allows ? 'allow_once' : 'reject_once'", "policy !== 'ask' ? 'allow_once' : 'reject_once'"]],
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
    file: direct,
    edits: [['const mine = before.then(command, command);', 'const mine = command();']],
    test: hostTest,
    title: 'reverts a patch once when it is asked twice',
  },
  {
    name: 'says that files were written which were not',
    promise: 7,
    file: direct,
    edits: [['if (same && !intended) problems.push(', 'if (same && intended) problems.push(']],
    test: consentTest,
    title: 'although it may is no success',
  },
  {
    name: 'applies a patch that has conflicts',
    promise: 7,
    file: direct,
    edits: [
      [
        "if (conflicts.length > 0) throw patchConflict('The patch",
        "if (conflicts.length < 0) throw patchConflict('The patch",
      ],
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
  {
    name: 'lets an agent write into the directory itself, as if it were the copy',
    promise: 7,
    file: `${isolated}/agent-view.ts`,
    edits: [['real.length > 0 && real.every(isOwn)', 'real.length > 0 && real.some(isOwn)']],
    test: `${isolated}/agent-view.test.ts`,
    title: 'is the user’s to allow',
    short: true,
  },
  {
    name: 'converts what it copies, as attributes say',
    promise: 7,
    file: `${isolated}/store.ts`,
    edits: [["'* -text -filter -ident -eol -working-tree-encoding\\n'", "''"]],
    test: `${isolated}/workspace.test.ts`,
    title: 'keeps bytes as they are',
  },
  {
    name: 'lands through a link that was a folder',
    promise: 7,
    file: `${isolated}/land.ts`,
    edits: [['if (obstacle !== undefined) throw disturbed(', "if (obstacle === '') throw disturbed("]],
    test: `${isolated}/landing.test.ts`,
    title: 'a folder becomes a link between the last look and the write',
  },
  {
    name: 'lands over a file that is being changed',
    promise: 7,
    file: `${isolated}/land.ts`,
    edits: [['!== before?.stamp) throw disturbed(', "=== '') throw disturbed("]],
    test: `${isolated}/landing.test.ts`,
    title: 'a file that changes between the last look and the write',
  },
  {
    name: 'writes into .git',
    promise: 7,
    file: `${isolated}/on-disk.ts`,
    edits: [['return names.some(isGitName) ?', 'return names.length === 0 ?']],
    test: `${isolated}/landing.test.ts`,
    title: 'not ',
  },
  {
    name: 'leaves a landing half done where it fails',
    promise: 7,
    file: `${isolated}/land.ts`,
    edits: [['    await takeBack(place, journal, { touched, cause: error });\n    throw error;', '    throw error;']],
    test: `${isolated}/landing.test.ts`,
    title: 'as do the others',
  },
  {
    name: 'forgets after a crash what it was landing',
    promise: 7,
    file: `${isolated}/workspace.ts`,
    edits: [
      ["if (isApplied !== (kind === 'apply')) return undoLanding(", 'if (kind === undefined) return undoLanding('],
    ],
    test: `${isolated}/landing-killed.test.ts`,
    title: 'before any of its changes is',
  },
  {
    name: 'gives up taking a landing back when a file is saved meanwhile',
    promise: 7,
    file: `${isolated}/land.ts`,
    edits: [['|| tried === UNDO_TRIES) throw error;', '|| tried > 0) throw error;']],
    test: `${isolated}/landing-left.test.ts`,
    title: 'from what they are by then',
  },
  {
    name: 'takes a landing back wherever a link leads by now',
    promise: 7,
    file: `${isolated}/workspace.ts`,
    edits: [['    if (gone.length > 0) return gone;\n    if (isApplied', '    if (isApplied']],
    test: `${isolated}/landing-left.test.ts`,
    title: 'in its own directory alone',
  },
  {
    name: 'forgets the permissions of a folder where it is killed beside it',
    promise: 7,
    file: `${isolated}/landing-folders.ts`,
    edits: [
      ["const made = join(staging, 'folder');", 'const made = place;'],
      ['  await rename(made, place);\n', ''],
    ],
    test: `${isolated}/landing-killed.test.ts`,
    title: 'also when the restart is killed',
  },
  {
    name: 'leaves the folders of files that a killed landing did not get to',
    promise: 7,
    file: `${isolated}/land.ts`,
    edits: [['journal.folders.filter(({ bits }) => bits === null)', '[]']],
    test: `${isolated}/landing-killed.test.ts`,
    title: 'before any of its changes is',
  },
  {
    name: 'lets two sessions land in one directory at once',
    promise: 7,
    file: `${isolated}/path-locks.ts`,
    edits: [['isInside(folder, other.folder) || isInside(other.folder, folder)', "other.folder === ''"]],
    test: `${isolated}/path-locks.test.ts`,
    title: 'one works on a folder at a time',
  },
  {
    name: 'keeps what was landed although the log refused it',
    promise: 7,
    file: 'packages/server/src/sessions/isolated-patches.ts',
    edits: [['await journal.append(\n        [landed,', 'void journal.append(\n        [landed,']],
    test: 'packages/server/src/sessions/isolated-patches.test.ts',
    title: 'what cannot be written into the log does not land',
  },
];
