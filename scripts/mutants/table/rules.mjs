const rulesTest = 'packages/server/src/rules/approval-rules.test.ts';

/**
 * Promise 7, and SECURITY.md: what approval rules allow, and what they do not.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const rules = [
  {
    name: 'allows a second command behind the one that a rule allows',
    promise: 7,
    edits: [['!SHELL_OPERATORS.includes(character)', "character !== ''"]],
    test: 'packages/server/src/rules/wildcards.test.ts',
    title: 'an asterisk does not stand for',
    short: true,
  },
  {
    name: 'allows what touches other files beside those that a rule allows',
    promise: 7,
    edits: [['files.every(', 'files.some(']],
    test: rulesTest,
    title: 'allows where all fit, and rejects where one does',
  },
  {
    name: 'allows files outside of the working directory by a rule for all in it',
    promise: 7,
    edits: [['isInside(cwd, path) && ', '']],
    test: rulesTest,
    title: 'compares resolved paths',
  },
  {
    name: 'allows a file behind a link that leads to another place',
    promise: 7,
    edits: [['await followLinks(moved(named, cwd, folder))', 'moved(named, cwd, folder)']],
    test: rulesTest,
    title: 'compares resolved paths',
  },
  {
    name: 'allows any command that names a file which a rule allows',
    promise: 7,
    edits: [['!allows ||', 'kind ||']],
    test: rulesTest,
    title: 'allows no command that names the file',
  },
  {
    name: 'does not reject a command that is too long to be compared',
    promise: 7,
    edits: [['return !allows;', 'return false;']],
    test: rulesTest,
    title: 'does not allow a command that it does not know',
  },
  {
    name: 'lets a session allow what the operator rejects',
    promise: 7,
    test: rulesTest,
    title: "the operator's rejection comes first",
  },
  {
    name: 'lets rules of a session allow more than the operator does',
    promise: 7,
    edits: [[' ?? tooPermissive(rules, most)', '']],
    test: rulesTest,
    title: 'are refused, and named',
  },
  {
    name: 'lets rules of a session allow more than the operator does by now',
    promise: 7,
    edits: [['ACTION_OF[cappedPolicy(POLICY_OF[ofSession.action], most)]', 'ofSession.action']],
    test: rulesTest,
    title: 'allow no more than the operator does by now',
  },
  {
    name: 'takes a rule for files that no file ever fits',
    promise: 7,
    test: rulesTest,
    title: 'are refused, and named',
  },
];
