/** What the documents describe and no suite puts on the wire, by name, with the reason. Anything else must be seen. */
export const neverSeen: Readonly<Record<string, string>> = {
  'close 1006': 'No close frame can carry it: it is what a peer reads of a connection that broke.',
};
