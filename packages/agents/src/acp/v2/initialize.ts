import { type Raw, readObject, readObjects } from '../../map/read.js';

/** The offer of version 2, from that of version 1. An agent of either version finds what it looks for. */
export function offerVersion2(params: Raw): Raw {
  const { elicitation, auth, _meta } = readObject(params.clientCapabilities) ?? {};
  const capabilities = {
    // The ACP library gives this to an agent of version 1 in place of what stands beside it.
    ...(_meta !== undefined && { _meta }),
    ...(elicitation !== undefined && { elicitation }),
    ...(readObject(auth)?.terminal === true && { auth: { terminal: {} } }),
  };
  return { ...params, info: params.clientInfo, capabilities };
}

/** The answer of version 1 that says the same. */
export function readOffer({ info, capabilities, authMethods, ...answer }: Raw): Raw {
  const session = readObject(readObject(capabilities)?.session);
  return {
    ...answer,
    agentInfo: info,
    ...(session && { agentCapabilities: mapCapabilities(session) }),
    authMethods: readObjects(authMethods, 64).map(({ methodId, ...method }) => ({ ...method, id: methodId })),
  };
}

/** In version 2, an object is there for what an agent can do. These can be done by each that has sessions. */
function mapCapabilities(session: Raw): Raw {
  const { prompt, mcp, ...more } = session;
  const has = (of: unknown, name: string) => readObject(readObject(of)?.[name]) !== undefined;
  return {
    loadSession: true,
    promptCapabilities: {
      image: has(prompt, 'image'),
      audio: has(prompt, 'audio'),
      embeddedContext: has(prompt, 'embeddedContext'),
    },
    // Version 1 has no word for `stdio`: there, each agent takes that.
    mcpCapabilities: { stdio: has(mcp, 'stdio'), http: has(mcp, 'http'), sse: false },
    sessionCapabilities: { ...more, list: {}, resume: {}, close: {} },
  };
}
