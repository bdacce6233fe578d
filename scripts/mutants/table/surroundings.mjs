const surroundings = 'packages/server/src/host/surroundings.test.ts';

/**
 * What a session has beside its directory: other directories, and MCP servers with their credentials.
 *
 * @type {import('../mutant.mjs').Mutant[]}
 */
export const surroundingsOfSessions = [
  {
    name: 'drops directories that an agent cannot work in',
    promise: 9,
    edits: [["!can.includes('additional_directories')", 'false']],
    test: surroundings,
    title: 'are refused outside of the roots',
  },
  {
    name: 'drops MCP servers that an agent cannot reach',
    promise: 9,
    edits: [
      ["if (transport === 'stdio' ? !starts : !can.includes(", "if (server.name !== '' ? false : !can.includes("],
    ],
    test: surroundings,
    title: 'are refused by name where the agent cannot reach them',
  },
  {
    name: "lets a session give an agent another server by the name of one of the operator's",
    promise: 'S',
    edits: [["if (known !== undefined) throw refuse('name'", "if (name === '') throw refuse('name'"]],
    test: surroundings,
    title: 'are refused where they are not allowed',
  },
  {
    name: 'lets a session send an agent to any address',
    promise: 'S',
    edits: [['if (problem !== undefined) throw', 'if (problem === url) throw']],
    test: surroundings,
    title: 'are refused where they are not allowed',
  },
  {
    name: 'shows the credentials of MCP servers that an agent repeats',
    promise: 'S',
    edits: [['...secretsOf(servers)', '...[]']],
    test: surroundings,
    title: 'come again with a restarted agent',
  },
  {
    name: 'lets an agent in a copy write outside of it, where its edits need no consent',
    promise: 7,
    edits: [["if (workspace === 'isolated') throw notIsolated", "if (path === '') throw notIsolated"]],
    test: surroundings,
    title: 'are refused outside of the roots',
  },
  {
    name: 'keeps the credentials of sessions that have ended',
    promise: 'S',
    edits: [['names.filter((name) => !open.has(', 'names.filter((name) => open.has(']],
    test: surroundings,
    title: 'erased with the sessions that a killed server was creating',
  },
];
