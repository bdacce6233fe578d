const _patchesFile = 'packages/server/src/patches/patches.ts';
const _direct = 'packages/server/src/patches/direct-patches.ts';
const workspace = 'packages/server/src/workspace';
const _approvals = 'packages/server/src/sessions/approvals.ts';
const sessionTest = 'packages/server/src/sessions/session.test.ts';
const hostTest = 'packages/server/src/host/session-host.test.ts';
const consentTest = 'packages/server/src/patches/consent.test.ts';

/**
 * Promise 7: nothing is written without consent, nothing outside of the working directory, and all of it can be undone. Who
 * is asked sees what will be done, and what others said does nothing by itself where it is shown.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const patches = [
  {
    name: 'applies another patch than the one that was shown',
    promise: 7,
    edits: [['if (asked === undefined || asked === pending) return;', "if (asked !== '') return;"]],
    test: sessionTest,
    title: 'refuses a patch that has been superseded',
    short: true,
  },
  {
    name: 'applies a patch that somebody has just rejected',
    promise: 7,
    edits: [['if (consented.length < pending.approvalIds.length) {', 'if (consented.length < 0) {']],
    test: consentTest,
    title: 'is refused when somebody has rejected it meanwhile',
  },
  {
    name: 'tells of a patch whose approval has been answered',
    promise: 7,
    edits: [['pendingApproval(journal.head, id) === undefined', "id === ''"]],
    test: 'packages/server/src/patches/pending-edits.test.ts',
    title: 'is not told of',
  },
  {
    name: 'takes two answers to one approval',
    promise: 7,
    edits: [
      ['const approval = pendingApproval(journal.head, id);', 'const approval = pendingApproval(journal.durable, id);'],
    ],
    test: consentTest,
    title: 'two at once',
  },
  {
    name: 'answers an apply_patch at the end of the turn',
    promise: 7,
    edits: [['if ((await kept.isWritten(patchId, intended)) || performance.now() >= deadline) return true;', '']],
    test: consentTest,
    title: 'though it says nothing of it',
  },
  {
    name: 'promises to deny what an agent does without asking',
    promise: 7,
    test: 'packages/server/src/sessions/consent-watch.test.ts',
    title: 'cannot be denied anything',
  },
  {
    name: 'lets an agent that never asks write into the project by default',
    promise: 7,
    edits: [["wantedWorkspace ?? (neverAsks ? 'isolated' : 'direct')", "wantedWorkspace ?? 'direct'"]],
    test: 'packages/server/src/sessions/consent-watch.test.ts',
    title: 'works in a copy',
  },
  {
    name: 'lets a policy answer a question for the user',
    promise: 7,
    edits: [
      [
        "return kind === 'allow_once' && others.length > 0 ? undefined : first;",
        'return others.length > 99 ? undefined : first;',
      ],
    ],
    test: 'packages/server/src/sessions/approval-policy.test.ts',
    title: 'is asked under auto',
  },
  {
    name: 'allows by policy what it should deny',
    promise: 7,
    edits: [['policyOption(approval, action)', "policyOption(approval, 'allow_once')"]],
    test: sessionTest,
    title: 'answers by policy: deny',
  },
  {
    name: 'writes outside of the working directory',
    promise: 7,
    edits: [['isInside(cwd, absolute) ?', 'absolute !== cwd ?']],
    test: 'packages/server/src/patches/unified-diff.test.ts',
    title: 'names a file outside the working directory',
  },
  {
    name: 'has a patch bring what a sparse checkout has left out',
    promise: 7,
    edits: [['leftOut === undefined', "leftOut !== ''"]],
    test: 'packages/server/src/workspace/copy/agent-git.test.ts',
    title: 'also with other line ends',
  },
  {
    name: 'copies nothing of a directory with a file that the server may not read',
    promise: 7,
    edits: [
      ['tried === 1 ? [] : await findUnreadable(cwd, paths)', 'tried === 99 ? await findUnreadable(cwd, paths) : []'],
    ],
    test: 'packages/server/src/workspace/copy/unreadable.test.ts',
    title: 'may not read are left out',
  },
  {
    name: 'reverts over what the user has changed since',
    promise: 7,
    test: 'packages/server/src/patches/kept-patches.test.ts',
    title: 'changes nothing when one of the files has changed since',
  },
  {
    name: 'reverts a patch twice at once',
    promise: 7,
    edits: [['const mine = before.then(command, command);', 'const mine = command();']],
    test: hostTest,
    title: 'reverts a patch once when it is asked twice',
  },
  {
    name: 'says that files were written which were not',
    promise: 7,
    test: consentTest,
    title: 'although it may is no success',
  },
  {
    name: 'says that a file was written that is half written',
    promise: 7,
    test: consentTest,
    title: 'of which the disk has room for a half',
  },
  {
    name: 'counts what an agent said that it would change, and not what it did',
    promise: 7,
    test: consentTest,
    title: 'counts the lines that have changed',
  },
  {
    name: 'applies a patch that has conflicts',
    promise: 7,
    edits: [
      [
        "if (problems.length > 0) throw patchConflict('The patch cannot be applied",
        "if (problems.length < 0) throw patchConflict('The patch cannot be applied",
      ],
    ],
    test: consentTest,
    title: 'that cannot be written is not applied',
  },
  {
    name: 'puts bytes back behind a link that came since',
    promise: 7,
    edits: [['&& (await followLinks(absolute)) === absolute', '']],
    test: 'packages/server/src/patches/kept-patches.test.ts',
    title: 'writes nothing outside when its folder is a link',
  },
  {
    name: 'reverts a patch in a directory that is a link by now',
    promise: 7,
    edits: [['const misplaced = await cwdProblems(cwd, places);', 'const misplaced: FileProblem[] = [];']],
    test: 'packages/server/src/patches/moved-cwd.long.test.ts',
    title: 'a patch is neither applied nor reverted',
  },
  {
    name: 'lets git fetch, with a program that a repository in a copy names, what that lacks',
    promise: 7,
    test: `${workspace}/copy/copy.long.test.ts`,
    title: 'without running what a repository in it names',
  },
  {
    name: 'leaves a revert half done where it fails',
    promise: 7,
    test: 'packages/server/src/patches/kept-patches.test.ts',
    title: 'when it breaks off in the middle',
  },
  {
    name: 'lets an agent write into the directory itself, as if it were the copy',
    promise: 7,
    edits: [['real.length > 0 && real.every(isOwn)', 'real.length > 0 && real.some(isOwn)']],
    test: `${workspace}/agent-view.test.ts`,
    title: 'is the user’s to allow',
    short: true,
  },
  {
    name: 'lets an agent write where it likes, if it asks for more edits than are kept',
    promise: 7,
    edits: [[' || editsOmitted > 0', '']],
    test: `${workspace}/agent-view.test.ts`,
    title: 'of more files than are kept',
  },
  {
    name: 'converts what it copies, as attributes say',
    promise: 7,
    edits: [["'* -text -filter -ident -eol -working-tree-encoding\\n'", "''"]],
    test: `${workspace}/copy/copy.long.test.ts`,
    title: 'keeps bytes as they are',
  },
  {
    name: 'lands through a link that was a folder',
    promise: 7,
    edits: [['inItsFolder(join(cwd, path), change)', 'change(join(cwd, path))']],
    test: `${workspace}/landing/landing.test.ts`,
    title: 'a folder becomes a link between the last look and the write',
  },
  {
    name: 'lands over a file that is being changed',
    promise: 7,
    edits: [['!== before?.stamp) throw disturbed(', "=== '') throw disturbed("]],
    test: `${workspace}/landing/landing.test.ts`,
    title: 'a file that changes between the last look and the write',
  },
  {
    name: 'writes into .git',
    promise: 7,
    edits: [['return names.some(isGitName) ?', 'return names.length === 0 ?']],
    test: `${workspace}/landing/landing.test.ts`,
    title: 'not ',
  },
  {
    name: 'leaves a landing half done where it fails',
    promise: 7,
    test: `${workspace}/landing/landing.test.ts`,
    title: 'as do the others',
  },
  {
    name: 'forgets after a crash what it was landing',
    promise: 7,
    edits: [
      ["if (isApplied !== (kind === 'apply')) return undoLanding(", 'if (kind === undefined) return undoLanding('],
    ],
    test: `${workspace}/landing/landing-killed.test.ts`,
    title: 'before any of its changes is',
  },
  {
    name: 'gives up taking a landing back when a file is saved meanwhile',
    promise: 7,
    edits: [['|| tried === UNDO_TRIES) throw error;', '|| tried > 0) throw error;']],
    test: `${workspace}/landing/landing-left.long.test.ts`,
    title: 'from what they are by then',
  },
  {
    name: 'takes a landing back wherever a link leads by now',
    promise: 7,
    test: `${workspace}/landing/landing-left.long.test.ts`,
    title: 'in its own directory alone',
  },
  {
    name: 'forgets the permissions of a folder where it is killed beside it',
    promise: 7,
    edits: [
      ["const made = join(folder, 'folder');", 'const made = join(cwd, path);'],
      ['await inItsFolder(join(cwd, path), (place) => rename(made, place));', ''],
    ],
    test: `${workspace}/landing/landing-killed.test.ts`,
    title: 'also when the restart is killed',
  },
  {
    name: 'leaves the folders of files that a killed landing did not get to',
    promise: 7,
    edits: [['journal.folders.filter(({ bits }) => bits === null)', '[]']],
    test: `${workspace}/landing/landing-killed.test.ts`,
    title: 'before any of its changes is',
  },
  {
    name: 'lets two sessions land in one directory at once',
    promise: 7,
    edits: [['isInside(folder, other.folder) || isInside(other.folder, folder)', "other.folder === ''"]],
    test: `${workspace}/path-locks.test.ts`,
    title: 'one works on a folder at a time',
  },
  {
    name: 'keeps what was landed although the log refused it',
    promise: 7,
    edits: [['await journal.append(', 'void journal.append(']],
    test: 'packages/server/src/patches/isolated-patches.test.ts',
    title: 'what cannot be written into the log does not land',
  },
  {
    name: 'shows what an agent or a server wrote as it is',
    promise: 7,
    edits: [
      ['text.replace(PATTERN, (part, hidden?: string) => (hidden === undefined ? part : marksOf(hidden)))', 'text'],
    ],
    test: 'packages/cli/src/run/view/show-diff.test.ts',
    title: 'shows a terminal each character of a diff',
  },
  {
    name: 'lets a row of a long line look like a line of its own',
    promise: 7,
    edits: [["{ text: CONTINUED, style: 'dim' }", '']],
    test: 'packages/cli/src/terminal/terminal.test.ts',
    title: 'that goes on in further rows',
  },
  {
    name: 'lets a server give commands to the CI that holds it to the contract',
    promise: 7,
    edits: [['.replace(COMMAND, numberOf)', '']],
    test: 'packages/conformance/src/report/visible.test.ts',
    title: 'is no command in a log',
  },
  {
    name: 'calls a diff all that would change where every odd byte does',
    promise: 7,
    edits: [['(before === null || isUtf8(before))', 'true']],
    test: 'packages/server/src/workspace/planned-file.test.ts',
    title: 'not UTF-8',
  },
];
