import { type LocalServer, LocalServerError, type LocalServerOptions } from './local-server.js';

/** Says that a page cannot look for servers: it can read no files. */
export function findLocalServer(_options: LocalServerOptions = {}): LocalServer {
  throw new LocalServerError('unsupported', 'only Node finds local servers: give createClient a baseUrl');
}
