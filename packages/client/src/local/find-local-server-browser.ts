import { type LocalServer, LocalServerError, type LocalServerOptions } from './local-server.js';

/** Throws: a web page cannot look for servers, since it cannot read files. */
export function findLocalServer(_options: LocalServerOptions = {}): LocalServer {
  throw new LocalServerError('unsupported', 'only Node finds local servers: give createClient a baseUrl');
}
