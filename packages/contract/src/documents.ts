import { asyncapiJson } from './gen/documents/asyncapi-json.js';
import { openapiJson } from './gen/documents/openapi-json.js';

// The documents of the contract, for whoever serves them or reads them as data: `@parleyhq/contract/documents`.

export { asyncapiYaml } from './gen/documents/asyncapi-yaml.js';
export { openapiYaml } from './gen/documents/openapi-yaml.js';
export { protocolMd } from './gen/documents/protocol-md.js';

/** `openapi.yaml` as data. Each call parses a copy, in about a millisecond; the caller may write into it. */
export function parseOpenapi(): Record<string, unknown> {
  return JSON.parse(openapiJson);
}

/**
 * `asyncapi.yaml` as data, with its references to `./openapi.yaml` as they are written. Each call parses a copy; the
 * caller may write into it.
 */
export function parseAsyncapi(): Record<string, unknown> {
  return JSON.parse(asyncapiJson);
}
