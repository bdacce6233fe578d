/** What the documents describe and no suite that is recorded puts on the wire, and why. Anything else must be seen. */
export const neverSeen: readonly { readonly names: RegExp; readonly reason: string }[] = [
  {
    names: /^close 1006$/,
    reason: 'No close frame carries it: it is what a peer reads of a connection that broke.',
  },
];
